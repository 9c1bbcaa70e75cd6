// Package logs reads log files of one JSON object a line, compressed or not.
package logs

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/valyala/fastjson"
)

// Each calls f with every line of the file; what f keeps it has to copy.
func Each(path string, f func(line []byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	var reader io.Reader = file
	switch {
	case strings.HasSuffix(path, ".zst"):
		decoder, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		defer decoder.Close()
		reader = decoder
	case strings.HasSuffix(path, ".gz"):
		if reader, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	lines := bufio.NewScanner(reader)
	lines.Buffer(make([]byte, 1<<16), 1<<20)
	for lines.Scan() {
		if err := f(lines.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Group is what has one value of a field.
type Group struct {
	Value        string
	Lines, Bytes int64
	Milliseconds []float64
}

// Median of the milliseconds that requests took.
func (group *Group) Median() float64 {
	if len(group.Milliseconds) == 0 {
		return 0
	}
	sort.Float64s(group.Milliseconds)
	return group.Milliseconds[len(group.Milliseconds)/2]
}

// Sum groups the lines of files by a field, the largest group first.  Lines that are no JSON count as "".
func Sum(field string, paths []string) ([]*Group, error) {
	groups := map[string]*Group{}
	var parser fastjson.Parser
	for _, path := range paths {
		err := Each(path, func(line []byte) error {
			var value []byte
			record, err := parser.ParseBytes(line)
			if err == nil {
				value = record.GetStringBytes(field)
			}
			group := groups[string(value)]
			if group == nil {
				group = &Group{Value: string(value)}
				groups[group.Value] = group
			}
			group.Lines++
			if err == nil {
				group.Bytes += record.GetInt64("bytes")
				group.Milliseconds = append(group.Milliseconds, record.GetFloat64("ms"))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	sorted := make([]*Group, 0, len(groups))
	for _, group := range groups {
		sorted = append(sorted, group)
	}
	sort.Slice(sorted, func(a, b int) bool {
		if sorted[a].Lines != sorted[b].Lines {
			return sorted[a].Lines > sorted[b].Lines
		}
		return sorted[a].Value < sorted[b].Value
	})
	return sorted, nil
}

// Print writes groups as a table.
func Print(output io.Writer, groups []*Group) {
	for _, group := range groups {
		fmt.Fprintf(output, "%9d %12d %9.3f ms  %s\n", group.Lines, group.Bytes, group.Median(), group.Value)
	}
}
