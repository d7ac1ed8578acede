package main

import (
	"regexp"
	"strings"
	"testing"

	"gdcp/circle/launch"
	"gdcp/circle/uts/internal/tree"
)

func TestBadOptionIsOneLineAndExitOne(t *testing.T) {
	code, stdout, stderr := uts(t.Context(), "-t", "7")
	if code != 1 || stdout != "" || !regexp.MustCompile(`^uts: -t 7: [^\n]*\n$`).MatchString(stderr) {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestHelpNamesEveryOption(t *testing.T) {
	code, stdout, stderr := uts(t.Context(), "-h")
	if code != 0 || stderr != "" {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	for _, letter := range "tbradqmfgvcinwh" {
		if !strings.Contains(stdout, "\n  -"+string(letter)+" ") {
			t.Errorf("-%c is not in the help:\n%s", letter, stdout)
		}
	}
}

func TestLineForMachines(t *testing.T) {
	code, stdout, stderr := uts(t.Context(), strings.Fields("-t 1 -a 3 -d 6 -b 4 -n 2 -c 5 -v 0")...)
	// UTS's columns: PEs, seconds, nodes, nodes/s, nodes/s per PE, chunk, type, b, seed, depth, shape, q, m.
	want := regexp.MustCompile(`^ {3}2 +\d+\.\d{3} +26417 +\d+ +\d+ 5 1 4\.00 0 6 3 0\.234375 +4\n$`)
	if code != 0 || stderr != "" || !want.MatchString(stdout) {
		t.Errorf("exit %d, stderr %q, stdout %q", code, stderr, stdout)
	}
}

func TestTextForPeople(t *testing.T) {
	code, stdout, stderr := uts(t.Context(), strings.Fields("-t 2 -a 3 -d 8 -b 5 -q 0.19 -m 5 -f 0.6 -r 1 -n 3 -v 2")...)
	for _, want := range []string{
		`Tree type:  2 \(Hybrid\)`,
		`  root branching factor b_0 = 5.0, root seed = 1`,
		`  GEO parameters: gen_mx = 8, shape function = 3 \(Fixed branching factor\)`,
		`  BIN parameters:  q = 0.190000, m = 5, E\(n\) = 0.950000, E\(s\) = 20.00`,
		`  HYBRID:  GEO from root to depth 5, then BIN`,
		`on 3 rank\(s\) of 1 worker\(s\), over inproc`,
		`Tree size = 94028, tree depth = 130, num leaves = 75400 \(80.19%\)`,
		`Wallclock time = \d+.\d{3} sec, performance = \d+ nodes/sec \(\d+ nodes/sec per PE\)`,
		`Total chunks released = \d+, of which \d+ stolen by \d+ steals; failed steals = \d+`,
		`rank 0: \d+ nodes, `, `rank 1: \d+ nodes, `, `rank 2: \d+ nodes, `,
	} {
		if !regexp.MustCompile(`(?m)^.*` + want).MatchString(stdout) {
			t.Errorf("no %q in the output", want)
		}
	}
	if code != 0 || stderr != "" || t.Failed() {
		t.Errorf("exit %d, stderr %q, stdout:\n%s", code, stderr, stdout)
	}
}

func TestStatsAddUp(t *testing.T) {
	o, err := parse(strings.Fields("-t 1 -a 3 -d 6 -b 5.5 -n 4 -c 1 -i 20"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := runRanks(t.Context(), o, within(4).transports)
	if err != nil {
		t.Fatal(err)
	}
	var sum rankStats
	for _, r := range out.ranks {
		sum.add(r)
	}
	// Every chunk released is run as a task, and so is the root.
	if len(out.ranks) != 4 || sum.Nodes != out.count.Nodes || sum.Tasks != sum.Released || sum.Stolen < 1 {
		t.Errorf("%d ranks, together %+v; counted %+v", len(out.ranks), sum, out.count)
	}
}

func TestVerdictOnWrongCounts(t *testing.T) {
	o, err := parse(strings.Fields("-t 1 -a 3 -d 10 -b 4 -r 19"))
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	err = verdict(&said, o, tree.Count{Nodes: 4_130_070, Leaves: 3_305_118, Depth: 10})
	if err == nil || !strings.Contains(err.Error(), "T1") || said.String() != "" {
		t.Errorf("one node is missing: error %v, said %q", err, said.String())
	}
}

func TestLauncherDecides(t *testing.T) {
	mpirun := launch.Situation{Kind: launch.PMIx, Launcher: "Open MPI", Rank: 1, Size: 4}
	for args, want := range map[string]string{
		"-n 4":               "-n 4: PMIx (Open MPI) has started the ranks",
		"--transport inproc": "--transport inproc: PMIx (Open MPI) has started",
		"--transport mesh":   "",
		"-w 4":               "",
	} {
		o, err := parse(strings.Fields(args))
		if err != nil {
			t.Fatal(err)
		}
		switch err := o.fits(mpirun); {
		case want == "" && err != nil, want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%s under mpirun: %v, want %q", args, err, want)
		}
		if err := o.fits(launch.Situation{}); err != nil {
			t.Errorf("%s without a launcher: %v", args, err)
		}
	}
}
