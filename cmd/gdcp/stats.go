package main

import (
	"encoding/json"
	"slices"
	"time"

	"gdcp/cmd/internal/exit"
	"gdcp/cmd/internal/outfile"
	"gdcp/cmd/internal/problems"
	"gdcp/copier"
	"gdcp/walker/fsys"
)

// stats is the file of --stats. docs/reports.md describes it; what is taken
// away or changes its meaning there makes Format another number.
type stats struct {
	Format  int            `json:"format"`
	Program string         `json:"program"`
	Version string         `json:"version"`
	Command []outfile.Text `json:"command"` // the arguments

	Exit    int      `json:"exit"`
	Meaning string   `json:"meaning"`  // of the exit code
	Whole   bool     `json:"complete"` // the job got to its end
	Errors  []string `json:"errors"`   // of the job as a whole

	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`      // from start to end
	Working float64   `json:"work_seconds"` // without the start

	DryRun bool       `json:"dry_run"`
	Plan   []planStat `json:"plan"`
	How    howStat    `json:"how"`

	Copied   copiedStat       `json:"copied"`
	Problems problemCounts    `json:"problems"`
	Causes   []problems.Group `json:"causes"`
	Ranks    []rankStat       `json:"ranks"`
}

type planStat struct {
	Src outfile.Text `json:"source"`
	Dst outfile.Text `json:"destination"`
	Dir bool         `json:"directory"`
}

type howStat struct {
	Launcher string `json:"launcher"`
	Network  string `json:"network"`
	Job      string `json:"job"`
	Nodes    int    `json:"nodes"`
	Workers  int    `json:"workers"` // of each rank
	Preserve string `json:"preserve"`
	Xattrs   string `json:"xattrs"`
	Follow   bool   `json:"dereference"`
	Buffer   int64  `json:"buffer"`  // bytes
	Segment  int64  `json:"segment"` // bytes; 0 if it was chosen for each file
}

type copiedStat struct {
	Entries   int64            `json:"entries"`
	Kinds     map[string]int64 `json:"kinds"`
	Bytes     int64            `json:"bytes"`
	HardLinks int64            `json:"hard_links"`
}

type rankStat struct {
	Rank     int    `json:"rank"`
	Node     int    `json:"node"`
	Host     string `json:"host"`
	Lost     bool   `json:"lost"`
	Found    int64  `json:"found"`
	Entries  int64  `json:"entries"`
	Bytes    int64  `json:"bytes"`
	Problems int64  `json:"problems"`
}

// makeStats puts a job's figures together.
func makeStats(args []string, o *options, c *crew, roots []copier.Root, out *outcome) ([]byte, error) {
	s := stats{
		Format: 1, Program: "gdcp", Version: version, Command: outfile.Texts(args),
		Exit: out.code, Meaning: exit.Describe(out.code), Whole: out.tally != nil, Errors: []string{},
		Started: out.began, Seconds: out.elapsed.Seconds(), Working: out.working.Seconds(),
		DryRun: o.dryRun, Plan: []planStat{}, How: how(o, c),
		Copied: copied(out), Problems: out.problems(), Causes: out.groups, Ranks: ranks(c, out),
	}
	for _, err := range out.errs {
		s.Errors = append(s.Errors, err.Error())
	}
	for i := range roots {
		r := &roots[i]
		s.Plan = append(s.Plan, planStat{outfile.Text(r.Src()), outfile.Text(r.Dst()), r.Dir})
	}
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}

func how(o *options, c *crew) howStat {
	return howStat{
		Launcher: c.Launcher, Network: c.network, Job: c.Name, Nodes: len(c.nodes()), Workers: o.workers,
		Preserve: o.preserve.String(), Xattrs: o.xattrsWord(), Follow: o.follow, Buffer: o.bufSize, Segment: o.chunk,
	}
}

func copied(out *outcome) copiedStat {
	done := out.done()
	s := copiedStat{Entries: done.Items, Bytes: done.Bytes, Kinds: map[string]int64{}}
	if t := out.tally; t != nil {
		s.HardLinks = t.HardLinks
		for k, n := range t.Kind {
			if n > 0 {
				s.Kinds[fsys.Kind(k).String()] = n
			}
		}
	}
	return s
}

func ranks(c *crew, out *outcome) []rankStat {
	list := make([]rankStat, c.Size)
	for r := range list {
		list[r] = rankStat{Rank: r, Node: c.Nodes[r], Host: c.Hosts[r], Lost: slices.Contains(out.lost, r)}
		if r < len(out.byRank) {
			n := out.byRank[r]
			list[r].Found, list[r].Entries, list[r].Bytes, list[r].Problems = n.Found, n.Items, n.Bytes, n.Failed
		}
	}
	return list
}
