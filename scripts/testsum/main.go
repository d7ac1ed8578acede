package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	os.Exit(run(os.Stdin, os.Stdout, time.Now))
}

// run reads events from in until it ends, reports to out, and returns the exit
// code. now is the clock for the total time.
func run(in io.Reader, out io.Writer, now func() time.Time) int {
	began := now()
	s := newSummary(out)
	if err := s.readAll(in); err != nil {
		fmt.Fprintf(out, "testsum: read events: %v\n", err)
		return 1
	}
	s.close(now().Sub(began))
	if s.failed() {
		return 1
	}
	return 0
}
