// logsum FIELD FILE...: lines, bytes and median time by the values of a field.
package main

import (
	"fmt"
	"os"

	"example.org/logtools/logs"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: logsum FIELD FILE...")
		os.Exit(2)
	}
	groups, err := logs.Sum(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "logsum:", err)
		os.Exit(1)
	}
	logs.Print(os.Stdout, groups)
}
