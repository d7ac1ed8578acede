// Package problems keeps what went wrong with paths, and says it: at once, as
// a line; in the end, grouped by cause; and, where asked for, in a file for
// programs. Memory is bounded whatever the number of problems.
package problems

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"gdcp/cmd/internal/outfile"
	"gdcp/cmd/internal/tui"
	"gdcp/copier"
)

// Bounds of what is kept and shown.
const (
	MaxLines  = 1000 // problems that are printed one by one
	MaxAlike  = 3    // the same for losses of one attribute with one cause
	MaxGroups = 100  // causes that are told apart
	MaxPaths  = 3    // paths that are kept of each
)

// Group is problems of one class with one cause.
type Group struct {
	Class copier.Class   `json:"class"`
	Op    string         `json:"op,omitempty"`
	Cause string         `json:"cause"`
	Count int64          `json:"count"`
	Paths []outfile.Text `json:"paths"` // the first ones
}

// key is what problems of a group have in common.
type key struct {
	class     copier.Class
	op, cause string
}

// Log takes problems. It is not safe for concurrent use.
type Log struct {
	console *tui.Console
	byRank  bool          // say which rank it was
	file    *bufio.Writer // nil if none was asked for
	fileErr error
	count   int64
	lines   int // printed, or not any more
	groups  map[key]*Group
}

// otherCauses is the group of what comes after MaxGroups.
func otherCauses() key { return key{copier.Failed, "", "other causes"} }

// New makes a Log. byRank has the lines say on which rank it was. file gets
// each problem as a line of JSON; it may be nil.
func New(c *tui.Console, byRank bool, file io.Writer) *Log {
	l := &Log{console: c, byRank: byRank, groups: make(map[key]*Group)}
	if file != nil {
		l.file = bufio.NewWriterSize(file, 64<<10)
	}
	return l
}

// Add takes a problem.
func (l *Log) Add(p copier.Problem) {
	l.count++
	l.write(p)
	g := l.group(p)
	switch {
	// An attribute that one file cannot have, the next one cannot have either.
	case p.Class == copier.Lossy && g.Count == MaxAlike+1:
		l.say("%s: so for more paths, which are counted", g)
	case p.Class == copier.Lossy && g.Count > MaxAlike+1:
	default:
		l.say("%v%s", p, l.where(p))
	}
}

// say prints a line, unless there were too many.
func (l *Log) say(format string, args ...any) {
	l.lines++
	switch {
	case l.lines <= MaxLines:
		l.console.Message(format, args...)
	case l.lines == MaxLines+1:
		l.console.Message("more than %d problems: the others are counted, and written to --errors FILE if there is one", MaxLines)
	}
}

func (l *Log) where(p copier.Problem) string {
	if !l.byRank {
		return ""
	}
	return fmt.Sprintf(" (rank %d on %s)", p.Rank, p.Host)
}

// group counts p in its group.
func (l *Log) group(p copier.Problem) *Group {
	k := key{p.Class, p.Op, p.Cause}
	g := l.groups[k]
	if g == nil && len(l.groups) >= MaxGroups {
		k = otherCauses()
		g = l.groups[k]
	}
	if g == nil {
		g = &Group{Class: k.class, Op: k.op, Cause: k.cause}
		l.groups[k] = g
	}
	g.Count++
	if len(g.Paths) < MaxPaths {
		g.Paths = append(g.Paths, outfile.Text(p.Path))
	}
	return g
}

// Count is the number of problems so far.
func (l *Log) Count() int64 { return l.count }

// Groups returns the groups, the largest first.
func (l *Log) Groups() []Group {
	list := make([]Group, 0, len(l.groups))
	for _, g := range l.groups {
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.String(), b.String()))
	})
	return list
}

// String is what is wrong, without how often.
func (g *Group) String() string {
	if g.Op == "" {
		return g.Cause
	}
	return g.Op + ": " + g.Cause
}

// line is a problem in the file.
type line struct {
	Class copier.Class `json:"class"`
	Path  outfile.Text `json:"path"`
	Op    string       `json:"op,omitempty"`
	Cause string       `json:"cause"`
	Rank  int          `json:"rank"`
	Host  string       `json:"host"`
}

func (l *Log) write(p copier.Problem) {
	if l.file == nil || l.fileErr != nil {
		return
	}
	b, err := json.Marshal(line{p.Class, outfile.Text(p.Path), p.Op, p.Cause, p.Rank, p.Host})
	if err == nil {
		_, err = l.file.Write(append(b, '\n'))
	}
	l.fileErr = err
}

// Flush hands on to the file what has come. Its error is the first one of
// writing the file, and stays.
func (l *Log) Flush() error {
	if l.file != nil && l.fileErr == nil {
		l.fileErr = l.file.Flush()
	}
	if l.fileErr != nil {
		return fmt.Errorf("write the file of errors: %w", l.fileErr)
	}
	return nil
}
