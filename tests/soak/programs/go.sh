# A server in Go with cgo: stacks, threads and signals of its own beside libc's.
tools="go gcc"

run_program() {
    mkdir source && cat >source/go.mod <<'MOD'
module example.com/soak

go 1.18
MOD
    cat >source/main.go <<'GO'
package main

// static int twice(int x) { return 2 * x; }
import "C"
import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
)

func main() {
	scale, _ := strconv.Atoi(os.Args[1])
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list := []map[string]int{}
		for i := 0; i < 300; i++ {
			list = append(list, map[string]int{"n": i, "twice": int(C.twice(C.int(i))), "path": len(r.URL.Path)})
		}
		packed := gzip.NewWriter(w)
		json.NewEncoder(packed).Encode(list)
		packed.Close()
	}))
	sums := make([]string, 4)
	var group sync.WaitGroup
	for n := range sums {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			sum := sha256.New()
			for turn := 0; turn < 100*scale; turn++ {
				answer, err := http.Get(fmt.Sprintf("http://%s/%d", listener.Addr(), turn%100))
				if err != nil {
					panic(err)
				}
				io.Copy(sum, answer.Body)
				answer.Body.Close()
			}
			sums[n] = fmt.Sprintf("%x", sum.Sum(nil))
		}(n)
	}
	group.Wait()
	for _, sum := range sums {
		fmt.Println(sum)
	}
	os.Exit(7)
}
GO
    (cd source && GOFLAGS=-mod=mod GOTOOLCHAIN=local CGO_ENABLED=1 go build -o ../soak .) || return 1
    start ./soak "$scale" >out 2>log
    echo $? >status
}
