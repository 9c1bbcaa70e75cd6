// tally ROUNDS: orders as JSON, parsed, searched by regular expression, grouped and sorted.
// tally ROUNDS prices: nothing is searched.
// CPUPROFILE=FILE writes Go's own profile.
package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"regexp"
	"runtime/pprof"
	"sort"
	"strconv"
	"strings"
)

type item struct {
	Name  string  `json:"name"`
	Count int     `json:"count"`
	Price float64 `json:"price"`
}

type order struct {
	ID    int      `json:"id"`
	City  string   `json:"city"`
	Tags  []string `json:"tags"`
	Items []item   `json:"items"`
}

type scorer interface{ score(o *order) float64 }
type byPrice struct{}
type byTags struct{ pattern *regexp.Regexp }

func (byPrice) score(o *order) float64 {
	sum := 0.0
	for _, i := range o.Items {
		sum += float64(i.Count) * i.Price
	}
	return sum
}

func (b *byTags) score(o *order) float64 {
	return float64(len(b.pattern.FindAllString(strings.Join(o.Tags, " "), -1)))
}

var cities = []string{"Aarhus", "Bergen", "Cork", "Dresden", "Evora", "Fulda", "Ghent"}
var words = []string{"amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "harbor"}

func orders(round, count int) []order {
	state := uint64(round)*2654435761 + 1
	next := func(below int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state>>33) % below
	}
	made := make([]order, count)
	for i := range made {
		made[i] = order{ID: round*count + i, City: cities[next(len(cities))]}
		for k := next(5); k >= 0; k-- {
			made[i].Tags = append(made[i].Tags, words[next(len(words))]+strconv.Itoa(next(100)))
			made[i].Items = append(made[i].Items, item{words[next(len(words))], next(9) + 1, float64(next(9999)) / 100})
		}
	}
	return made
}

func main() {
	rounds := 10
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	if path := os.Getenv("CPUPROFILE"); path != "" {
		file, err := os.Create(path)
		if err != nil {
			panic(err)
		}
		pprof.StartCPUProfile(file)
		defer pprof.StopCPUProfile()
	}
	scorers := []scorer{byPrice{}, &byTags{regexp.MustCompile(`(am|em)ber[0-9]*[02468]|h[a-r]+bor\d`)}}
	if len(os.Args) > 2 && os.Args[2] == "prices" {
		scorers = scorers[:1]
	}
	totals := map[string]float64{}
	sum := fnv.New64a()
	for round := 0; round < rounds; round++ {
		text, err := json.Marshal(orders(round, 300))
		if err != nil {
			panic(err)
		}
		var read []order
		if err := json.Unmarshal(text, &read); err != nil {
			panic(err)
		}
		sort.Slice(read, func(i, j int) bool {
			a, b := &read[i], &read[j]
			if a.City != b.City {
				return a.City < b.City
			}
			return scorers[0].score(a) < scorers[0].score(b)
		})
		for i := range read {
			for _, s := range scorers {
				totals[read[i].City] += s.score(&read[i])
			}
		}
		fmt.Fprint(sum, read[0].ID, len(text))
	}
	names := make([]string, 0, len(totals))
	for name := range totals {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("%s %.2f\n", name, totals[name])
	}
	fmt.Printf("%x\n", sum.Sum64())
}
