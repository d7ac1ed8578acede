package problems

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gdcp/cmd/internal/outfile"
	"gdcp/cmd/internal/tui"
	"gdcp/copier"
)

func newLog(byRank bool, file *strings.Builder) (*Log, *strings.Builder) {
	var err strings.Builder
	c := tui.New("gdcp", &strings.Builder{}, &err, nil)
	if file == nil {
		return New(c, byRank, nil), &err
	}
	return New(c, byRank, file), &err
}

func TestLines(t *testing.T) {
	p := copier.Problem{Class: copier.Failed, Path: "/a\n\xff", Op: "open", Cause: "permission denied", Rank: 3, Host: "node7"}
	for byRank, want := range map[bool]string{
		true:  `gdcp: /a\n\xff: open: permission denied (rank 3 on node7)` + "\n",
		false: `gdcp: /a\n\xff: open: permission denied` + "\n",
	} {
		l, err := newLog(byRank, nil)
		l.Add(p)
		if err.String() != want {
			t.Errorf("got %q, want %q", err.String(), want)
		}
	}
}

// The file gets every problem, the terminal the first ones, and the groups a
// few paths.
func TestBounds(t *testing.T) {
	var file strings.Builder
	l, err := newLog(false, &file)
	const n = 5000
	for i := range n {
		l.Add(copier.Problem{Class: copier.Failed, Path: fmt.Sprintf("/\xff%d", i), Op: "write", Cause: fmt.Sprintf("cause %d", i/2)})
	}
	if e := l.Flush(); e != nil {
		t.Fatal(e)
	}
	if lines := strings.Count(err.String(), "\n"); lines != MaxLines+1 {
		t.Errorf("%d lines, want %d and one that says that there are more", lines, MaxLines)
	}
	groups := l.Groups()
	if len(groups) != MaxGroups+1 || groups[0].Count != n-2*MaxGroups || groups[0].Cause != "other causes" || len(groups[0].Paths) != MaxPaths {
		t.Errorf("%d groups, the first is %+v", len(groups), groups[0])
	}
	if g := groups[1]; g.Count != 2 || len(g.Paths) != 2 || g.String() != "write: cause 0" {
		t.Errorf("the second group is %+v (%s)", g, g.String())
	}
	lines := strings.Split(strings.TrimSuffix(file.String(), "\n"), "\n")
	if len(lines) != n || l.Count() != n {
		t.Fatalf("%d lines in the file, %d counted, want %d", len(lines), l.Count(), n)
	}
	var last struct{ Path outfile.Text }
	if err := json.Unmarshal([]byte(lines[n-1]), &last); err != nil || string(last.Path) != fmt.Sprintf("/\xff%d", n-1) {
		t.Errorf("the last line is %s (%v)", lines[n-1], err)
	}
}

// Losses of one kind are printed a few times and then counted, since usually
// all files of a file system have them.
func TestLossesAreSaidAFewTimes(t *testing.T) {
	l, err := newLog(false, nil)
	for i := range 100 {
		l.Add(copier.Problem{Class: copier.Lossy, Path: fmt.Sprint(i), Op: "set owner", Cause: "no"})
	}
	l.Add(copier.Problem{Class: copier.Lossy, Path: "x", Op: "set mode", Cause: "no"})
	want := `gdcp: 0: set owner: no
gdcp: 1: set owner: no
gdcp: 2: set owner: no
gdcp: set owner: no: so for more paths, which are counted
gdcp: x: set mode: no
`
	if err.String() != want || l.Groups()[0].Count != 100 {
		t.Errorf("got %s", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestFullFileIsTold(t *testing.T) {
	l := New(tui.New("gdcp", &strings.Builder{}, &strings.Builder{}, nil), false, full{})
	for range 1000 {
		l.Add(copier.Problem{Path: strings.Repeat("x", 1000)})
	}
	if err := l.Flush(); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}
