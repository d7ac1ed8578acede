package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"gdcp/copier/copytest"
)

// TestMain makes the test binary be gdcp where it is called by that name, as
// scripts and launchers do.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gdcp": main})
}

// The scripts in testdata, one for each behavior.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":   codeCmd,
			"mktree": mktreeCmd,
			"same":   sameCmd,
		},
	})
}

func condition(cond string) (bool, error) {
	if cond == "root" {
		return os.Geteuid() == 0, nil
	}
	return false, errors.New("unknown condition")
}

// code N PROGRAM ARG... runs a program, which has to exit with N.
func codeCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// mktree DIR makes a tree of what copies get wrong.
func mktreeCmd(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(copytest.Build(ts.MkAbs(args[0])))
}

// same SRC DEST [IGNORED,...] compares trees. With ! they must differ.
func sameCmd(ts *testscript.TestScript, neg bool, args []string) {
	var ignore copytest.Ignore
	if len(args) > 2 {
		for word := range strings.SplitSeq(args[2], ",") {
			*map[string]*bool{
				"owner": &ignore.Owner, "mode": &ignore.Mode, "mtime": &ignore.Mtime, "xattr": &ignore.Xattrs, "root": &ignore.Root,
			}[word] = true
		}
	}
	lines, err := copytest.Compare(ts.MkAbs(args[0]), ts.MkAbs(args[1]), ignore)
	ts.Check(err)
	if neg != (len(lines) > 0) {
		ts.Fatalf("%s and %s: differences:\n%s", args[0], args[1], strings.Join(lines, "\n"))
	}
}
