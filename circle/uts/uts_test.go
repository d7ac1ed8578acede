package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"gdcp/circle/uts/internal/tree"
)

// asCommand makes the test binary be uts: for launchers, which need a program.
const asCommand = "UTS_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// uts runs the command in this process, without a launcher.
func uts(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(ctx, args, &out, &err, func(string) string { return "" })
	return code, out.String(), err.String()
}

func TestPublishedTreesInParallel(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("the published trees take half a second each, and many with the race detector")
	}
	const t1, t3 = "-t 1 -a 3 -d 10 -b 4 -r 19", "-t 0 -b 2000 -q 0.124875 -m 8 -r 42"
	for _, args := range []string{
		t1 + " -n 1", t1 + " -n 2", t1 + " -n 4", t1 + " -n 16", t1 + " -n 2 -w 3",
		t3 + " -n 1", t3 + " -n 2", t3 + " -n 4", t3 + " -n 16",
		t1 + " -n 1 --transport mesh", t1 + " -n 4 --transport mesh",
		t3 + " -n 2 --transport mesh", t3 + " -n 16 --transport mesh",
		"-t 1 -a 2 -d 16 -b 6 -r 502 -n 16",                     // T2
		"-t 2 -a 0 -d 16 -b 6 -q 0.234375 -m 4 -r 1 -n 3 -c 20", // T4
	} {
		t.Run(args, func(t *testing.T) {
			code, stdout, stderr := uts(t.Context(), strings.Fields(args)...)
			if code != 0 || !strings.Contains(stdout, "These are the published counts of T") {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

// Every kind and shape, with chunks and intervals so small that there are many
// more tasks than UTS would make of these trees.
func TestEveryTreeOnAnyRanks(t *testing.T) {
	for _, args := range []string{
		"-t 0 -b 500 -q 0.24 -m 4 -r 2",
		"-t 1 -a 0 -d 10 -b 4",
		"-t 1 -a 1 -d 8 -b 5.5",
		"-t 1 -a 2 -d 10 -b 4",
		"-t 1 -a 3 -d 6 -b 4",
		"-t 1 -a 3 -d 3 -b 60 -r 2", // a root without children
		"-t 2 -a 0 -d 8 -b 5 -q 0.19 -m 5 -f 0.6",
		"-t 2 -a 1 -d 8 -b 5 -q 0.19 -m 5 -f 0.6",
		"-t 2 -a 2 -d 8 -b 5 -q 0.19 -m 5 -f 0.6",
		"-t 2 -a 3 -d 8 -b 5 -q 0.19 -m 5 -f 0.6 -r 1",
		"-t 3 -d 9 -b 3 -g 3",
	} {
		for _, where := range []string{
			"-n 1 -c 1 -i 1", "-n 2 -c 1 -i 7", "-n 4 -c 2 -i 30", "-n 16 -c 3 -i 50", "-n 3 -w 4 -c 1 -i 20",
			"-n 2 -c 1 -i 7 --transport mesh", "-n 16 -c 3 -i 50 --transport mesh",
		} {
			t.Run(args+" "+where, func(t *testing.T) {
				checkAgainstSequential(t, strings.Fields(args+" "+where))
			})
		}
	}
}

func checkAgainstSequential(t *testing.T, args []string) {
	t.Helper()
	o, err := parse(args)
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := uts(t.Context(), args...)
	want := sequential(t, o)
	line := fmt.Sprintf("Tree size = %d, tree depth = %d, num leaves = %d ", want.Nodes, want.Depth, want.Leaves)
	if code != 0 || !strings.Contains(stdout, line) {
		t.Errorf("exit %d, want 0 and %q\n%s%s", code, line, stdout, stderr)
	}
}

func sequential(t *testing.T, o options) tree.Count {
	t.Helper()
	alone, err := tree.New(o.params)
	if err != nil {
		t.Fatal(err)
	}
	return alone.CountAll()
}
