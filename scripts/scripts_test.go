package scripts

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gdcp/scripts/need"
)

// A result is how a script ended.
type result struct {
	code        int
	out, errors string
}

// script runs a script of this directory with extra environment, and without
// standard input, as continuous integration does.
func script(t *testing.T, env []string, name string, args ...string) result {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %s: %v", name, err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// program writes an executable of the given text into dir.
func program(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, what, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

func TestShellcheck(t *testing.T) {
	shellcheck := need.Program(t, "shellcheck", "shellcheck")
	files := strings.Split(strings.TrimRight(script(t, nil, "shell-files").out, "\x00"), "\x00")
	contains(t, "scripts/shell-files", strings.Join(files, " "), "./.ci/run", "./scripts/setup", "./scripts/slurm/gdcp.sbatch")
	cmd := exec.Command(shellcheck, files...)
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("shellcheck: %v\n%s", err, out)
	}
}
