package main

import (
	"strings"
	"testing"

	"gdcp/cmd/internal/problems"
	"gdcp/cmd/internal/tui"
	"gdcp/copier"
)

func newObserver(o *options) (obs *observer, out, err *strings.Builder) {
	out, err = &strings.Builder{}, &strings.Builder{}
	c := tui.New("gdcp", out, err, nil)
	obs = &observer{
		console: c, options: o, every: 1, // a nanosecond: always
		banner: func([]copier.Root) { c.Message("banner") },
		log:    func() (*problems.Log, error) { return problems.New(c, false, nil), nil },
	}
	if err := obs.open(); err != nil {
		panic(err)
	}
	return obs, out, err
}

func TestObserver(t *testing.T) {
	obs, out, err := newObserver(&options{})
	obs.Progress([]copier.Counters{{Found: 9}}) // before the plan is made: kept, not shown
	obs.Planned([]copier.Root{{SrcDir: "a"}})
	obs.Done(copier.Done{Src: "a\n", Dst: "b"})
	obs.Done(copier.Done{Src: "a", Dst: "b", Dry: true})
	obs.Problem(copier.Problem{Path: "a", Cause: "gone"})
	obs.Progress([]copier.Counters{{Found: 10, Items: 2}, {Found: 5, Items: 1, Bytes: 1 << 20, Failed: 1}})
	obs.end()
	before := out.String() + err.String()
	obs.Done(copier.Done{Src: "late"})
	obs.Problem(copier.Problem{Path: "late"})
	obs.Progress(nil)
	if after := out.String() + err.String(); after != before {
		t.Errorf("something was said after the end: %q", strings.TrimPrefix(after, before))
	}
	if want := "'a\\n' -> 'b'\nwould copy 'a' -> 'b'\n"; out.String() != want {
		t.Errorf("stdout %q, want %q", out, want)
	}
	if want := "gdcp: banner\ngdcp: a: gone\ngdcp: 3 of 15 found, 1 MiB, "; !strings.HasPrefix(err.String(), want) {
		t.Errorf("stderr %q, want %q", err, want)
	}
	if len(obs.roots) != 1 || obs.planned.IsZero() || len(obs.byRank) != 2 || obs.problems.Count() != 1 {
		t.Errorf("kept %+v", obs)
	}
}

// -q hides everything but problems.
func TestQuietObserver(t *testing.T) {
	obs, out, err := newObserver(&options{quiet: true})
	obs.Planned(nil)
	obs.Done(copier.Done{Src: "a", Dst: "b"})
	obs.Problem(copier.Problem{Path: "a", Op: "open", Cause: "gone"})
	if out.String() != "" || err.String() != "gdcp: a: open: gone\n" {
		t.Errorf("stdout %q, stderr %q", out, err)
	}
}
