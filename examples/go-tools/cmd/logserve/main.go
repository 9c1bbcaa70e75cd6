// logserve PORT FILE...: GET /sum?field=F and /grep?pattern=P over log files, on 127.0.0.1.
package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"regexp"

	"example.org/logtools/logs"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: logserve PORT FILE...")
		os.Exit(2)
	}
	files := os.Args[2:]
	http.HandleFunc("/sum", func(response http.ResponseWriter, request *http.Request) {
		groups, err := logs.Sum(request.FormValue("field"), files)
		if err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
		logs.Print(response, groups)
	})
	http.HandleFunc("/grep", func(response http.ResponseWriter, request *http.Request) {
		pattern, err := regexp.Compile(request.FormValue("pattern"))
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		output := bufio.NewWriter(response)
		defer output.Flush()
		for _, path := range files {
			err := logs.Each(path, func(line []byte) error {
				if !pattern.Match(line) {
					return nil
				}
				output.Write(line)
				return output.WriteByte('\n')
			})
			if err != nil {
				fmt.Fprintln(os.Stderr, "logserve:", err)
			}
		}
	})
	fmt.Fprintln(os.Stderr, "logserve:", http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
	os.Exit(1)
}
