// loggrep PATTERN FILE...: the lines that match, of log files as they are or compressed.
package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"

	"example.org/logtools/logs"
)

func run(arguments []string) error {
	if len(arguments) < 2 {
		return fmt.Errorf("usage: loggrep PATTERN FILE...")
	}
	pattern, err := regexp.Compile(arguments[0])
	if err != nil {
		return err
	}
	output := bufio.NewWriter(os.Stdout)
	for _, path := range arguments[1:] {
		err := logs.Each(path, func(line []byte) error {
			if pattern.Match(line) {
				output.Write(line)
				return output.WriteByte('\n')
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return output.Flush()
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "loggrep:", err)
		os.Exit(1)
	}
}
