package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gdcp/cmd/internal/exit"
	"gdcp/cmd/internal/problems"
	"gdcp/cmd/internal/units"
	"gdcp/copier"
	"gdcp/walker/fsys"
)

// outcome is how a job ended, as rank 0 knows it.
type outcome struct {
	tally   *copier.Tally // nil if the job did not get to its end
	byRank  []copier.Counters
	lost    []int   // ranks
	errs    []error // of the job as a whole
	stopped *exit.Stopped
	groups  []problems.Group
	began   time.Time     // when the process did
	elapsed time.Duration // of the whole
	working time.Duration // since the plan was made
	code    int
}

// summary is what is said at the end, for people.
func summary(o *options, out *outcome) string {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s%s\n", name, fmt.Sprintf(format, args...))
	}
	done, copied := out.done(), "copied"
	if o.dryRun {
		copied = "would copy"
	}
	row(copied, "%s%s", entries(out), partNote(out))
	if !o.dryRun {
		row("data", "%s in %s: %s, %s", units.Size(done.Bytes), units.Duration(out.working),
			units.SizeRate(done.Bytes, out.working), strings.Replace(units.CountRate(done.Items, out.working), "/s", " entries/s", 1))
	}
	if len(out.byRank) > 1 {
		row("balance", "%s", balance(out.byRank))
	}
	if t := out.tally; t != nil && t.HardLinks > 0 {
		row("note", "%s at the source; each name is a file of its own now",
			units.Things(t.HardLinks, "file has further names (hard links)", "files have further names (hard links)"))
	}
	for _, err := range out.errs {
		row("job", "%v", err)
	}
	writeProblems(row, out)
	return b.String()
}

// done is what is known to be done: exactly, or as last heard.
func (o *outcome) done() copier.Counters {
	sum := total(o.byRank)
	if o.tally != nil {
		sum.Items, sum.Bytes = o.tally.Total(), o.tally.Bytes
	}
	return sum
}

// entries is "1,234 entries: 1,000 files, 200 directories, 34 symlinks".
func entries(out *outcome) string {
	text := units.Things(out.done().Items, "entry", "entries")
	if out.tally == nil {
		return text
	}
	var kinds []string
	for k, n := range out.tally.Kind {
		if n > 0 {
			kinds = append(kinds, units.Things(n, fsys.Kind(k).String(), plural(fsys.Kind(k))))
		}
	}
	if len(kinds) == 0 {
		return text
	}
	return text + ": " + strings.Join(kinds, ", ")
}

func plural(k fsys.Kind) string {
	if k == fsys.Directory {
		return "directories"
	}
	return k.String() + "s"
}

// partNote says that the job did not get to its end.
func partNote(out *outcome) string {
	if out.tally != nil {
		return ""
	}
	return fmt.Sprintf(" of %s found so far; the copy is not complete", units.Count(max(total(out.byRank).Found, out.done().Items)))
}

// balance is how evenly the ranks have shared the work.
func balance(byRank []copier.Counters) string {
	items := spread(byRank, func(c copier.Counters) int64 { return c.Items })
	data := spread(byRank, func(c copier.Counters) int64 { return c.Bytes })
	return fmt.Sprintf("min, median, max of %d ranks: %s, %s, %s entries; %s, %s, %s", len(byRank),
		units.Count(items[0]), units.Count(items[1]), units.Count(items[2]),
		units.Size(data[0]), units.Size(data[1]), units.Size(data[2]))
}

// spread is the least, the median and the most.
func spread(byRank []copier.Counters, of func(copier.Counters) int64) [3]int64 {
	var all []int64
	for _, c := range byRank {
		all = append(all, of(c))
	}
	slices.Sort(all)
	return [3]int64{all[0], all[len(all)/2], all[len(all)-1]}
}

// writeProblems writes what went wrong, grouped by cause with the first paths.
func writeProblems(row func(name, format string, args ...any), out *outcome) {
	if parts := out.problems().words(); len(parts) > 0 {
		row("problems", "%s", strings.Join(parts, ", "))
	}
	for _, g := range out.groups[:min(len(out.groups), maxCauses)] {
		row("", "%s x %s (%s)", units.Count(g.Count), g.String(), g.Class)
		for _, p := range g.Paths {
			row("", "    %s", fsys.Quote(string(p)))
		}
		if more := g.Count - int64(len(g.Paths)); more > 0 {
			row("", "    and %s more", units.Count(more))
		}
	}
	if more := len(out.groups) - maxCauses; more > 0 {
		row("", "and %s", units.Things(int64(more), "other cause", "other causes"))
	}
}

// problemCounts are the paths with problems, by class.
type problemCounts struct {
	Failed   int64 `json:"failed"`
	Lossy    int64 `json:"lossy"`
	Vanished int64 `json:"vanished"`
	Changed  int64 `json:"changed"`
}

// problems counts paths: exactly, or, if the job did not get to its end, the
// problems that were heard of.
func (o *outcome) problems() (n problemCounts) {
	if t := o.tally; t != nil {
		return problemCounts{t.Failed, t.Lossy, t.Vanished, t.Changed}
	}
	for _, g := range o.groups {
		switch g.Class {
		case copier.Failed:
			n.Failed += g.Count
		case copier.Lossy:
			n.Lossy += g.Count
		case copier.Vanished:
			n.Vanished += g.Count
		case copier.Changed:
			n.Changed += g.Count
		}
	}
	return n
}

func (n problemCounts) words() (parts []string) {
	for _, p := range []struct {
		n    int64
		what string
	}{
		{n.Failed, "failed"}, {n.Lossy, "copied without some attributes"},
		{n.Vanished, "vanished meanwhile"}, {n.Changed, "changed meanwhile"},
	} {
		if p.n > 0 {
			parts = append(parts, units.Count(p.n)+" "+p.what)
		}
	}
	return parts
}

// maxCauses bounds the causes in the summary.
const maxCauses = 10

// worst is the exit code of a job that ran.
func (o *outcome) worst() int {
	if o.stopped != nil {
		return o.stopped.Code()
	}
	n := o.problems()
	return exit.Code(int64(len(o.errs))+n.Failed+n.Lossy, n.Vanished+n.Changed)
}
