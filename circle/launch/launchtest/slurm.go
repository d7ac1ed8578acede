package launchtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gdcp/scripts/need"
)

// Lab is a Slurm of two nodes on this machine, node1 and node2 with two CPUs
// each, that lives as long as the test that brought it up.
type Lab struct {
	// Env is what srun, sbatch and the other commands of Slurm need to find it,
	// NAME=value each.
	Env []string
	dir string
}

// Slurm brings a lab up by scripts/lab/slurm, and down when t ends. It takes
// about a second, and does not clash with other labs.
func Slurm(t testing.TB) *Lab {
	t.Helper()
	need.Program(t, "slurm", "srun")
	need.Program(t, "slurm", "munge")
	need.Root(t)
	script := filepath.Join(moduleRoot(t), "scripts", "lab", "slurm")
	// Not t.TempDir: sockets have to fit, with their paths, into 107 bytes.
	dir, err := os.MkdirTemp("", "gdcp-slurm.")
	if err != nil {
		t.Fatal(err)
	}
	lab := &Lab{dir: dir, Env: append(asRoot(), "SLURM_CONF="+filepath.Join(dir, "etc", "slurm.conf"),
		"OMPI_MCA_btl=self,tcp")} // two nodes on one host confuse Open MPI's shared memory
	run := func(args ...string) {
		cmd := exec.Command(script, args...)
		cmd.Env = append(cleanEnv(), "GDCP_SLURM_LAB="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s %s: %v\n%s", script, args[0], err, out)
		}
	}
	t.Cleanup(func() { run("down") })
	run("up", "--while", strconv.Itoa(os.Getpid()))
	if t.Failed() {
		t.FailNow()
	}
	return lab
}

// Dir is the lab's directory, with its logs in log.
func (l *Lab) Dir() string { return l.dir }

// Srun is srun with n ranks on both nodes. mpi is what --mpi takes: "pmi2",
// "pmix" or "none".
func (l *Lab) Srun(t testing.TB, mpi string, n int) Launcher {
	t.Helper()
	srun := need.Program(t, "slurm", "srun")
	if mpi == "pmix" {
		l.needPMIx(t, srun)
	}
	return Launcher{
		Name:   "srun-" + mpi,
		Prefix: []string{srun, "--mpi=" + mpi, "-N", strconv.Itoa(min(n, 2)), "-n", strconv.Itoa(n), "--overcommit"},
		Env:    l.Env,
	}
}

// needPMIx finds out whether Slurm's plugin finds libpmix: Debian's opens
// libpmix.so, without a version, which only the development package has.
func (l *Lab) needPMIx(t testing.TB, srun string) {
	t.Helper()
	cmd := Launcher{Prefix: []string{srun, "--mpi=list"}, Env: l.Env}.Command(t.Context(), "")
	cmd.Args = cmd.Args[:2]
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "can not load PMIx") || !strings.Contains(string(out), "pmix") {
		need.Lacking(t, "slurm", "srun --mpi=pmix does not find its libpmix (Debian: libpmix-dev): "+string(out))
	}
}

// Batch runs script (its lines, without #!) as a batch job of both nodes, waits
// for its end, and returns what it wrote. n is what the job is told to be for.
func (l *Lab) Batch(ctx context.Context, t testing.TB, n int, script string) (output string, err error) {
	t.Helper()
	sbatch := need.Program(t, "slurm", "sbatch")
	file, out := filepath.Join(t.TempDir(), "job.sh"), filepath.Join(t.TempDir(), "output")
	if err := os.WriteFile(file, []byte("#!/bin/bash\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	batch := Launcher{Prefix: []string{sbatch, "--wait", "--parsable", "-N", "2", "-n", strconv.Itoa(n),
		"--overcommit", "--output=" + out, "--chdir=" + filepath.Dir(file)}, Env: l.Env}
	said, err := batch.Command(ctx, file).CombinedOutput()
	written, readErr := os.ReadFile(out)
	if readErr != nil {
		t.Errorf("sbatch said %q and left no output: %v", said, readErr)
	}
	return string(written), err
}

// moduleRoot is the directory of go.mod above the test's.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("no go.mod above the test's directory (%v)", err)
	return ""
}
