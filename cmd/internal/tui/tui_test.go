package tui

import (
	"errors"
	"strings"
	"testing"
)

func TestMessages(t *testing.T) {
	var out, err strings.Builder
	c := New("gdcp", &out, &err, nil)
	c.Message("source %s: %v", "a", "gone")
	c.Message("one\ntwo")
	c.Hint("do %s", "this")
	c.Result("a result\n")
	c.Status("never seen")
	if want := "gdcp: source a: gone\ngdcp: one\ngdcp: two\ngdcp: hint: do this\n"; err.String() != want {
		t.Errorf("stderr %q, want %q", err.String(), want)
	}
	if want := "a result\n"; out.String() != want {
		t.Errorf("stdout %q, want %q", out.String(), want)
	}
	if c.HasStatus() || c.ResultError() != nil {
		t.Error("a status line without a terminal, or an error without a cause")
	}
}

// Lines come above the status line, which is cut at the terminal's width.
func TestStatus(t *testing.T) {
	var both strings.Builder
	c := New("gdcp", &both, &both, func() int { return 16 })
	c.Status("10 entries, ä and more")
	c.Result("line\n")
	c.Status("20")
	c.Status("")
	c.Message("end")
	want := "\rgdcp: 10 entrie\x1b[K" + "\r\x1b[Kline\ngdcp: 10 entrie" + "\rgdcp: 20\x1b[K" + "\r\x1b[K" + "gdcp: end\n"
	if both.String() != want {
		t.Errorf("got  %q\nwant %q", both.String(), want)
	}
}

func TestCutKeepsCharactersWhole(t *testing.T) {
	for width, want := range map[int]string{-3: "ä", 0: "ä", 1: "ä", 2: "äö", 9: "äöü"} {
		if got := cut("äöü", width); got != want {
			t.Errorf("cut to %d: %q, want %q", width, got, want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestResultErrorIsKept(t *testing.T) {
	c := New("gdcp", full{}, &strings.Builder{}, nil)
	c.Result("lost\n")
	if c.ResultError() == nil {
		t.Error("a result was lost and nothing said")
	}
}
