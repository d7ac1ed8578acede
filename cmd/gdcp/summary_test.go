package main

import (
	"encoding/json"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"gdcp/circle/launch"
	"gdcp/cmd/internal/exit"
	"gdcp/cmd/internal/outfile"
	"gdcp/cmd/internal/problems"
	"gdcp/cmd/internal/tui"
	"gdcp/copier"
	"gdcp/copier/attrs"
	"gdcp/walker/fsys"
)

func wholeOutcome() *outcome {
	t := &copier.Tally{Bytes: 3 << 30, HardLinks: 12, Failed: 2, Lossy: 1, Vanished: 1, Changed: 1}
	t.Kind[fsys.Regular], t.Kind[fsys.Directory], t.Kind[fsys.Symlink] = 1000, 200, 1
	return &outcome{
		tally: t,
		byRank: []copier.Counters{
			{Found: 300, Items: 300, Bytes: 1 << 30}, {Found: 100, Items: 100, Bytes: 1 << 29}, {Found: 801, Items: 801, Bytes: 3 << 29},
		},
		groups: []problems.Group{
			{Class: copier.Failed, Op: "open", Cause: "permission denied", Count: 5, Paths: []outfile.Text{"/a", "/b\n", "/c"}},
			{Class: copier.Vanished, Cause: "no such file or directory", Count: 1, Paths: []outfile.Text{"/d"}},
		},
		elapsed: 11 * time.Second, working: 10 * time.Second,
	}
}

func TestSummary(t *testing.T) {
	want := `copied      1,201 entries: 1,000 files, 200 directories, 1 symlink
data        3 GiB in 10.0 s: 307 MiB/s, 120 entries/s
balance     min, median, max of 3 ranks: 100, 300, 801 entries; 512 MiB, 1 GiB, 1.50 GiB
note        12 files have further names (hard links) at the source; each name is a file of its own now
problems    2 failed, 1 copied without some attributes, 1 vanished meanwhile, 1 changed meanwhile
            5 x open: permission denied (failed)
                /a
                /b\n
                /c
                and 2 more
            1 x no such file or directory (vanished)
                /d
`
	if got := summary(&options{}, wholeOutcome()); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// A job that was stopped knows what it heard last, and says that this is not all.
func TestSummaryOfAStoppedJob(t *testing.T) {
	o := wholeOutcome()
	o.tally, o.byRank, o.stopped = nil, []copier.Counters{{Found: 5000, Items: 1234, Bytes: 1 << 20}}, &exit.Stopped{Signal: syscall.SIGTERM}
	want := `copied      1,234 entries of 5,000 found so far; the copy is not complete
data        1 MiB in 10.0 s: 102 KiB/s, 123 entries/s
problems    5 failed, 1 vanished meanwhile
`
	if got := summary(&options{}, o); !strings.HasPrefix(got, want) {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	if code := o.worst(); code != 143 {
		t.Errorf("exit code %d, want 143", code)
	}
}

func TestSummaryIsBounded(t *testing.T) {
	o := wholeOutcome()
	for range 100 {
		o.groups = append(o.groups, problems.Group{Count: 1, Cause: "x"})
	}
	got := summary(&options{}, o)
	if lines := strings.Count(got, "\n"); lines > 40 || !strings.HasSuffix(got, "            and 92 other causes\n") {
		t.Errorf("%d lines:\n%s", lines, got)
	}
}

func TestExitCode(t *testing.T) {
	for name, c := range map[string]struct {
		tally copier.Tally
		errs  []error
		want  int
	}{
		"done":     {want: 0},
		"failed":   {tally: copier.Tally{Failed: 1, Vanished: 1}, want: 23},
		"lossy":    {tally: copier.Tally{Lossy: 1}, want: 23},
		"vanished": {tally: copier.Tally{Vanished: 1}, want: 24},
		"changed":  {tally: copier.Tally{Changed: 3}, want: 24},
		"job":      {errs: []error{errors.New("rank 3 was lost")}, tally: copier.Tally{Changed: 1}, want: 23},
	} {
		o := outcome{tally: &c.tally, errs: c.errs}
		if got := o.worst(); got != c.want {
			t.Errorf("%s: exit code %d, want %d", name, got, c.want)
		}
	}
}

func testCrew(hosts ...string) *crew {
	c := &crew{network: "tcp on ib0", Job: &launch.Job{Size: len(hosts), Launcher: "PMI-1 (hydra)", Name: "slurm-12.0", Hosts: hosts}}
	number := make(map[string]int)
	for _, h := range hosts {
		if _, ok := number[h]; !ok {
			number[h] = len(number)
		}
		c.Nodes = append(c.Nodes, number[h])
	}
	return c
}

func TestStats(t *testing.T) {
	out := wholeOutcome()
	out.code, out.lost, out.errs = 23, []int{1}, []error{errors.New("rank 1 was lost")}
	roots := []copier.Root{{SrcDir: "/old\xff", DstDir: "/new", DstName: "x", Dir: true}}
	b, err := makeStats([]string{"-v", "/old\xff", "/new"}, &options{preserve: attrs.All, xattrs: "all", workers: 8}, testCrew("n1", "n2", "n2"), roots, out)
	if err != nil {
		t.Fatal(err)
	}
	var s stats
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	switch {
	case s.Exit != 23 || s.Meaning != "some paths failed" || !s.Whole || len(s.Errors) != 1:
		t.Errorf("the end: %s", b)
	case s.Command[1] != "/old\xff" || s.Plan[0].Src != "/old\xff" || s.Plan[0].Dst != "/new/x":
		t.Errorf("paths: %s", b)
	case s.Copied.Entries != 1201 || s.Copied.Kinds["directory"] != 200 || s.Copied.Bytes != 3<<30 || s.Problems.Failed != 2:
		t.Errorf("counts: %s", b)
	case len(s.Ranks) != 3 || !s.Ranks[1].Lost || s.Ranks[0].Lost || s.Ranks[2].Entries != 801 || s.Ranks[2].Host != "n2" || s.How.Nodes != 2:
		t.Errorf("ranks: %s", b)
	case len(s.Causes) != 2 || s.Causes[0].Paths[1] != "/b\n":
		t.Errorf("causes: %s", b)
	}
}

func TestBanner(t *testing.T) {
	roots := make([]copier.Root, 7)
	for i := range roots {
		roots[i] = copier.Root{SrcDir: "/old", SrcName: string(rune('a' + i)), DstDir: "/new", DstName: string(rune('a' + i))}
	}
	o := &options{preserve: attrs.All &^ attrs.ACL, xattrs: "non-lustre", workers: 8, bufSize: 1 << 20, chunk: 64 << 20, follow: true, dryRun: true}
	for _, c := range []struct {
		crew *crew
		want string
	}{
		{testCrew("n1", "n1", "n2", "n3", "n4", "n5"), `gdcp: version 0.0.0-dev, dry run: nothing is written
gdcp: /old/a -> /new/a
gdcp: /old/b -> /new/b
gdcp: /old/c -> /new/c
gdcp: /old/d -> /new/d
gdcp: /old/e -> /new/e
gdcp: and 2 sources more
gdcp: 6 ranks on 5 nodes (n1, n2, n3, n4, and 1 more), 8 workers each; started by PMI-1 (hydra); network tcp on ib0
gdcp: preserve mode,ownership,timestamps,links,xattr; xattrs non-lustre; buffer 1 MiB; segments of 64 MiB; symbolic links are followed
`},
	} {
		var err strings.Builder
		printBanner(tui.New("gdcp", &err, &err, nil), o, c.crew, roots)
		if err.String() != c.want {
			t.Errorf("got:\n%swant:\n%s", err.String(), c.want)
		}
	}
	one := testCrew("n1")
	one.Launcher = "alone"
	if got, want := whoLine(o, one), "1 rank on n1, 8 workers; started alone; no network"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A loss that may be meant has one hint.
func TestHints(t *testing.T) {
	groups := []problems.Group{
		{Class: copier.Lossy, Op: "set owner", Count: 7}, {Class: copier.Lossy, Op: "set xattr user.a"}, {Class: copier.Lossy, Op: "set xattr user.b"},
		{Class: copier.Lossy, Op: "set access ACL"}, {Class: copier.Lossy, Op: "set default ACL"}, {Class: copier.Failed, Op: "set capability"},
	}
	got := hints(groups)
	if len(got) != 3 || !strings.Contains(got[0], "--no-preserve=ownership") || !strings.Contains(got[1], "-X none") || !strings.Contains(got[2], "--no-preserve=acl") {
		t.Errorf("got %q", got)
	}
	if got := hints(nil); len(got) != 0 {
		t.Errorf("nothing was lost, but %q", got)
	}
}
