package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gdcp/circle/launch/launchtest"
	"gdcp/copier/copytest"
	"gdcp/scripts/need"
)

// program returns a path to this test binary under the name by which it is
// gdcp.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gdcp")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// ended is how a program under a launcher ended.
type ended struct {
	code     int
	out, err string
	after    time.Duration
}

// start runs gdcp under a launcher to its end.
func start(t *testing.T, l launchtest.Launcher, gdcp string, args ...string) ended {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return wait(t, l.Command(ctx, gdcp, args...))
}

func wait(t *testing.T, cmd *exec.Cmd) (e ended) {
	t.Helper()
	var out, err strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &err
	began := time.Now()
	runErr := cmd.Run()
	var exit *exec.ExitError
	if runErr != nil && !errors.As(runErr, &exit) {
		t.Fatalf("%v: %v", cmd, runErr)
	}
	return ended{code: cmd.ProcessState.ExitCode(), out: out.String(), err: err.String(), after: time.Since(began)}
}

// said is what gdcp has said, without the noise of the launcher. Under mpirun
// the lines end in CR LF where it has given the ranks a terminal.
func (e *ended) said() (lines []string) {
	for line := range strings.SplitSeq(e.out+e.err, "\n") {
		if strings.HasPrefix(line, "gdcp: ") {
			lines = append(lines, strings.TrimSuffix(line, "\r"))
		}
	}
	return lines
}

func (e *ended) String() string {
	return fmt.Sprintf("exit code %d after %v\nstdout:\n%sstderr:\n%s", e.code, e.after, e.out, e.err)
}

// TestLaunchers runs gdcp under every launcher that is there. Slurm is brought
// up once for all of its ways.
func TestLaunchers(t *testing.T) {
	j := newJobs(t)
	const n = 4
	run := func(l launchtest.Launcher) func(t *testing.T) { return func(t *testing.T) { j.test(t, l) } }
	t.Run("alone", run(launchtest.Launcher{Name: "alone", Prefix: []string{"env"}}))
	t.Run("mpirun", func(t *testing.T) { j.test(t, launchtest.OpenMPI(t, n)) })
	t.Run("hydra", func(t *testing.T) { j.test(t, launchtest.Hydra(t, n)) })
	t.Run("rendezvous", func(t *testing.T) { j.test(t, byHand(t, n)) })
	t.Run("slurm", func(t *testing.T) {
		if testing.Short() {
			t.Skip("brings up a Slurm")
		}
		lab := launchtest.Slurm(t)
		t.Run("pmi2", func(t *testing.T) { j.test(t, lab.Srun(t, "pmi2", n)) })
		t.Run("pmix", func(t *testing.T) { j.test(t, lab.Srun(t, "pmix", n)) })
		t.Run("none", func(t *testing.T) {
			j.test(t, lab.Srun(t, "none", n).With("GDCP_RENDEZVOUS="+privateDir(t)))
		})
		t.Run("batch", func(t *testing.T) { j.batch(t, lab) })
		t.Run("scancel", func(t *testing.T) { j.scancel(t, lab) })
	})
}

// jobs are what is tried under each launcher.
type jobs struct {
	gdcp string // the program
	src  string // a tree of all that copies get wrong
	cp   string // its copy as cp -a makes it
	few  string // a tree with a link that leads nowhere
}

func newJobs(t *testing.T) *jobs {
	base := t.TempDir()
	j := &jobs{gdcp: program(t), src: filepath.Join(base, "src"), cp: filepath.Join(base, "cp"), few: filepath.Join(base, "few")}
	copytest.Make(t, j.src)
	if out, err := exec.Command("cp", "-a", j.src, j.cp).CombinedOutput(); err != nil {
		t.Fatalf("cp -a: %v\n%s", err, out)
	}
	if err := os.MkdirAll(filepath.Join(j.few, "dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(j.few, "dangling")); err != nil {
		t.Fatal(err)
	}
	return j
}

func (j *jobs) test(t *testing.T, l launchtest.Launcher) {
	t.Run("copy", func(t *testing.T) { j.copy(t, l) })
	t.Run("codes", func(t *testing.T) { j.codes(t, l) })
}

// byHand starts the ranks from a shell, with nothing but variables.
func byHand(t *testing.T, n int) launchtest.Launcher {
	script := `
for rank in $(seq $((GDCP_SIZE - 1))); do GDCP_RANK=$rank "$@" & done
GDCP_RANK=0 "$@"; code=$?
wait
exit $code`
	return launchtest.Launcher{
		Name: "rendezvous", Prefix: []string{"sh", "-c", script, "sh"},
		Env: []string{fmt.Sprintf("GDCP_SIZE=%d", n), "GDCP_RENDEZVOUS=" + privateDir(t)},
	}
}

// privateDir is a directory that nobody else may look into.
func privateDir(t *testing.T) string {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copy: the tree is equal to its source and to cp -a's copy, and only one rank
// speaks.
func (j *jobs) copy(t *testing.T, l launchtest.Launcher) {
	dst := filepath.Join(t.TempDir(), "dst")
	e := start(t, l, j.gdcp, "-k", "1M", j.src, dst)
	if e.code != 0 {
		t.Fatalf("%v", &e)
	}
	copytest.Equal(t, j.src, dst)
	copytest.Equal(t, j.cp, dst)
	if n := strings.Count(e.out+e.err, "gdcp: version"); n != 1 {
		t.Errorf("%d banners, want 1:\n%v", n, &e)
	}
	if n := strings.Count(e.out, "copied "); n != 1 {
		t.Errorf("%d summaries, want 1:\n%v", n, &e)
	}
}

// codes: the exit code that a launcher reports is the job's, and a mistake or a
// refusal is said once, promptly.
func (j *jobs) codes(t *testing.T, l launchtest.Launcher) {
	for _, c := range []struct {
		name string
		args []string
		code int
		say  string // what the last line of gdcp's messages begins with
	}{
		{"done", []string{j.few, "DST"}, 0, "gdcp: preserve all"},
		{"partial", []string{"-q", "-L", j.few, "DST"}, 23, "gdcp: " + j.few + "/dangling: "},
		{"refused", []string{j.few + "-missing", "DST"}, 1, "gdcp: source " + j.few + "-missing: no such file or directory"},
		{"usage", []string{"--nonsense", j.few, "DST"}, 1, "gdcp: hint: gdcp --help says how it is called"},
		{"errors", []string{"--errors", j.few, j.few, "DST"}, 1, "gdcp: --errors " + j.few + ": is a directory"},
		{"version", []string{"--version"}, 0, ""},
	} {
		args := slices.Clone(c.args)
		if last := len(args) - 1; args[last] == "DST" {
			args[last] = filepath.Join(t.TempDir(), "dst")
		}
		e := start(t, l, j.gdcp, args...)
		lines := e.said()
		switch {
		case e.code != c.code:
			t.Errorf("%s: want exit code %d\n%v", c.name, c.code, &e)
		case e.after > 15*time.Second:
			t.Errorf("%s: took too long\n%v", c.name, &e)
		case c.say != "" && (len(lines) == 0 || !strings.HasPrefix(lines[len(lines)-1], c.say)):
			t.Errorf("%s: want %q last\n%v", c.name, c.say, &e)
		case c.code == 1 && len(lines) > 2:
			t.Errorf("%s: said %d lines, want one and maybe a hint\n%v", c.name, len(lines), &e)
		}
	}
}

// batch: a script may start gdcp in three ways.
func (j *jobs) batch(t *testing.T, lab *launchtest.Lab) {
	base := t.TempDir()
	script, ways := "", []struct{ name, line, ranks string }{
		{"srun", "srun --mpi=pmi2 --overcommit", "gdcp: 4 ranks on "},
		{"mpirun", need.Program(t, "openmpi", "mpirun.openmpi", "mpirun") + " --oversubscribe", "gdcp: 4 ranks on "},
		{"directly", "", "gdcp: 1 rank on "}, // SLURM_NTASKS=4 is set, but this is one process
	}
	for _, w := range ways {
		script += fmt.Sprintf("echo %s; %s %s %s %s || exit\n", w.name, w.line, j.gdcp, j.src, filepath.Join(base, w.name))
	}
	out, err := lab.Batch(t.Context(), t, 4, script)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, w := range ways {
		copytest.Equal(t, j.src, filepath.Join(base, w.name))
		_, said, _ := strings.Cut(out, w.name+"\n")
		if i, k := strings.Index(said, w.ranks), strings.Index(said, "copied "); i < 0 || i > k {
			t.Errorf("%s: no %q in:\n%s", w.name, w.ranks, out)
		}
	}
}

// scancel: the ranks get SIGTERM, and some time until SIGKILL.
func (j *jobs) scancel(t *testing.T, lab *launchtest.Lab) {
	src := slowTree(t, 20000)
	dst, stats := filepath.Join(t.TempDir(), "dst"), filepath.Join(t.TempDir(), "stats")
	l := lab.Srun(t, "pmi2", 3)
	r := begin(t, l.Command(t.Context(), j.gdcp, "--stats", stats, "-w", "1", src, dst), dst)
	began := time.Now()
	l.Prefix = []string{"scancel"}
	if out, err := l.Command(t.Context(), "--name=gdcp").CombinedOutput(); err != nil {
		t.Errorf("scancel: %v\n%s", err, out)
	}
	_ = r.Wait()
	stoppedWell(t, r, dst, stats, time.Since(began))
	if code := r.ProcessState.ExitCode(); code != 143 {
		t.Errorf("srun says %d, want 143", code)
	}
}

// 64 ranks on a few cores: an empty tree takes seconds, and a mistake ends all
// of them with one message.
func TestManyRanks(t *testing.T) {
	if testing.Short() {
		t.Skip("64 processes")
	}
	gdcp := program(t)
	for _, l := range []launchtest.Launcher{launchtest.OpenMPI(t, 64), launchtest.Hydra(t, 64)} {
		t.Run(l.Name, func(t *testing.T) {
			src := t.TempDir()
			e := start(t, l, gdcp, src, filepath.Join(t.TempDir(), "dst"))
			t.Logf("an empty tree took %v", e.after)
			if e.code != 0 || !strings.Contains(e.out+e.err, "gdcp: 64 ranks on 1 node") {
				t.Errorf("%v", &e)
			}
			e = start(t, l, gdcp, "--nonsense")
			t.Logf("a mistake took %v", e.after)
			if lines := e.said(); e.code != 1 || len(lines) != 2 || e.after > 20*time.Second {
				t.Errorf("%q\n%v", lines, &e)
			}
		})
	}
}
