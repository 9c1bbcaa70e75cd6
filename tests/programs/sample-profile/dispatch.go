// Calls through an interface, mostly to one type: what go build -pgo turns into direct ones.
package main

import (
	"os"
	"strconv"
)

type step interface{ next(x uint64) uint64 }
type adding struct{ by uint64 }
type mixing struct{ by uint64 }

func (a *adding) next(x uint64) uint64 { return x + a.by }
func (m *mixing) next(x uint64) uint64 {
	x ^= x >> 33
	x *= m.by
	return x ^ (x >> 29)
}

//go:noinline
func walk(steps []step, rounds int) uint64 {
	x := uint64(1)
	for i := 0; i < rounds; i++ {
		chosen := steps[0]
		if x%31 == 3 {
			chosen = steps[1]
		}
		x = chosen.next(x) ^ uint64(i)
	}
	return x
}

func main() {
	rounds := 1000
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	println(walk([]step{&mixing{0xff51afd7ed558ccd}, &adding{7}}, rounds))
}
