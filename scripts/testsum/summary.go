package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// A summary is what is known of a run so far.
type summary struct {
	out io.Writer

	kept    map[testID][]string // output of the tests that run
	skipped map[string][]string // reason -> tests
	broken  []string            // tests and packages that failed, in order

	packages, passed, skips int
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, kept: map[testID][]string{}, skipped: map[string][]string{}}
}

// readAll takes lines of any length: a test may print a megabyte in one.
func (s *summary) readAll(in io.Reader) error {
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadBytes('\n')
		s.line(line)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) line(line []byte) {
	e, ok := parse(line)
	switch {
	case !ok:
		s.print(string(line))
	case e.Test != "":
		s.test(e)
	default:
		s.pkg(e)
	}
}

func (s *summary) test(e event) {
	switch e.Action {
	case "output":
		s.kept[e.id()] = append(s.kept[e.id()], e.Output)
	case "pass":
		s.passed++
		delete(s.kept, e.id())
	case "skip":
		s.skips++
		reason := reasonOf(s.kept[e.id()])
		s.skipped[reason] = append(s.skipped[reason], e.Package+"."+e.Test)
		delete(s.kept, e.id())
	case "fail":
		s.broken = append(s.broken, e.Package+"."+e.Test)
		s.release(e.id())
	}
}

func (s *summary) pkg(e event) {
	switch e.Action {
	case "build-output":
		s.print(e.Output)
	case "output":
		if e.Output != "PASS\n" {
			s.print(e.Output)
		}
	case "pass", "skip":
		s.packages++
	case "fail":
		s.packages++
		s.died(e)
	}
}

// died is called for a package that failed. Tests of it that have not ended
// were running when it did.
func (s *summary) died(e event) {
	running := slices.SortedFunc(maps.Keys(s.kept), func(a, b testID) int { return strings.Compare(a.test, b.test) })
	for _, id := range running {
		if id.pkg == e.Package {
			s.print("--- DIED: " + id.test + "\n")
			s.broken = append(s.broken, id.pkg+"."+id.test)
			s.release(id)
		}
	}
	if e.FailedBuild != "" {
		s.broken = append(s.broken, e.Package+" (does not build)")
	} else if !s.namesTestOf(e.Package) {
		s.broken = append(s.broken, e.Package)
	}
}

func (s *summary) namesTestOf(pkg string) bool {
	return slices.ContainsFunc(s.broken, func(b string) bool { return strings.HasPrefix(b, pkg+".") })
}

func (s *summary) release(id testID) {
	for _, o := range s.kept[id] {
		s.print(o)
	}
	delete(s.kept, id)
}

func (s *summary) failed() bool { return len(s.broken) > 0 || s.packages == 0 }

func (s *summary) close(took time.Duration) {
	for _, reason := range slices.Sorted(maps.Keys(s.skipped)) {
		tests := s.skipped[reason]
		s.print(fmt.Sprintf("skipped: %s (%d: %s)\n", reason, len(tests), some(tests)))
	}
	for _, b := range s.broken {
		s.print("FAILED: " + b + "\n")
	}
	s.print(fmt.Sprintf("%s: %d packages, %d tests passed, %d skipped, %d failed, in %s\n",
		s.verdict(), s.packages, s.passed, s.skips, len(s.broken), took.Round(100*time.Millisecond)))
}

func (s *summary) verdict() string {
	switch {
	case s.packages == 0:
		return "NOTHING WAS TESTED"
	case s.failed():
		return "FAILED"
	}
	return "all tests passed"
}

func (s *summary) print(text string) { fmt.Fprint(s.out, text) }

// some names the first few of many.
func some(tests []string) string {
	const shown = 3
	if len(tests) > shown {
		return strings.Join(tests[:shown], ", ") + ", ..."
	}
	return strings.Join(tests, ", ")
}

// reasonOf finds what t.Skip said: the last line that is not the framework's,
// without the file and line in front of it.
func reasonOf(output []string) string {
	for _, o := range slices.Backward(output) {
		text := strings.TrimSpace(o)
		if text == "" || strings.HasPrefix(text, "--- ") || strings.HasPrefix(text, "=== ") {
			continue
		}
		if _, reason, ok := strings.Cut(text, ": "); ok && strings.Contains(text[:len(text)-len(reason)], ".go:") {
			return reason
		}
		return text
	}
	return "no reason given"
}
