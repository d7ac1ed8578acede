package launch

import (
	"bytes"
	"context"
	"encoding/json"
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
)

// limit is how long a launcher may take that starts a few dozen ranks on a busy
// machine of two cores. A hang is what it is there for.
const limit = 60 * time.Second

// ended is how a job went.
type ended struct {
	ranks  []seen // by rank, as far as they have printed
	stderr string
	code   int
	took   time.Duration
}

// start runs this test binary as the ranks of a job.
func start(t *testing.T, l launchtest.Launcher, role string, env ...string) ended {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := l.With(append(env, "GDCP_TEST_RANK="+role)...).Command(ctx, self)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begin := time.Now()
	err = cmd.Run()
	e := ended{stderr: stderr.String(), took: time.Since(begin)}
	if ctx.Err() != nil {
		t.Fatalf("%s has not ended after %v\n%s%s", l.Name, limit, stdout.String(), e.stderr)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		e.code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	e.ranks = ranksOf(t, stdout.String())
	return e
}

// needLibraries skips what needs a library where this binary can open none.
func needLibraries(t *testing.T, l launchtest.Launcher) {
	t.Helper()
	if !withLibraries && l.Name != "hydra" && l.Name != "srun-pmi2" {
		t.Skip("built without cgo")
	}
}

func ranksOf(t *testing.T, output string) (ranks []seen) {
	t.Helper()
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var s seen
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Errorf("a rank prints %q: %v", line, err)
			continue
		}
		ranks = append(ranks, s)
	}
	slices.SortFunc(ranks, func(a, b seen) int { return a.Job.Rank - b.Job.Rank })
	return ranks
}

// wantJob checks that size ranks have met, and agree on all they should.
func (e ended) wantJob(t *testing.T, size int, launcher string) {
	t.Helper()
	e.wantCards(t, size, launcher, 1)
}

// longCards makes the ranks publish nearly as much as they may: 1400 times a text
// of 11 bytes.
const (
	longCards = "GDCP_TEST_CARD=1400"
	longCard  = 1400
)

func (e ended) wantCards(t *testing.T, size int, launcher string, repeat int) {
	t.Helper()
	if len(e.ranks) != size || e.code != 0 {
		t.Fatalf("%d of %d ranks have printed, exit code %d\n%+v\n%s", len(e.ranks), size, e.code, e.ranks, e.stderr)
	}
	first := e.ranks[0]
	for rank, s := range e.ranks {
		j := s.Job
		if s.Err != "" || j.Rank != rank || j.Size != size || j.Launcher != launcher {
			t.Fatalf("rank %d: %+v, want launcher %q", rank, s, launcher)
		}
		if s.Secret != first.Secret || strings.Trim(s.Secret, "0") == "" || j.Name != first.Job.Name || j.Name == "" {
			t.Errorf("rank %d: secret and name are not rank 0's", rank)
		}
		if len(j.Hosts) != size || j.Hosts[rank] == "" || !slices.Equal(j.Local, upTo(size)) {
			t.Errorf("rank %d: hosts %v, local %v", rank, j.Hosts, j.Local)
		}
		for r, c := range s.Cards {
			if c != fmt.Sprintf("card of %d. %d", r, repeat) {
				t.Errorf("rank %d has as the card of rank %d: %q", rank, r, c)
			}
		}
	}
}

// wantQuiet checks that nothing of the launcher stays behind in the ranks.
func (e ended) wantQuiet(t *testing.T) {
	t.Helper()
	for rank, s := range e.ranks {
		if s.CPU < 0 || s.CPU > 20*time.Millisecond {
			t.Errorf("rank %d used %v of CPU in half a second of rest, with %d threads", rank, s.CPU, s.Threads)
		}
		if !s.Signals {
			t.Errorf("rank %d: a nil pointer does not panic any more", rank)
		}
	}
}

func TestHydra(t *testing.T) {
	e := start(t, launchtest.Hydra(t, 4), "join,rest", longCards)
	e.wantCards(t, 4, "PMI-1 (hydra)", longCard)
	e.wantQuiet(t)
	e = start(t, launchtest.Hydra(t, 64), "join")
	e.wantJob(t, 64, "PMI-1 (hydra)")
	t.Logf("64 ranks: %v", e.took)
}

// A usage error ends the whole job with exit code 1 and one message. Open MPI
// 4.1's mpirun hangs if 64 ranks just exit.
func TestUsageError(t *testing.T) {
	for _, l := range []launchtest.Launcher{launchtest.OpenMPI(t, 64), launchtest.Hydra(t, 64)} {
		for _, env := range []string{"GDCP_LAUNCH=", "GDCP_LAUNCH=nonsense"} {
			t.Run(l.Name+" "+env, func(t *testing.T) { start(t, l, "usage", env).wantUsageError(t) })
		}
	}
}

func (e ended) wantUsageError(t *testing.T) {
	t.Helper()
	if e.code != 1 || strings.Count(e.stderr, "gdcp: wrong usage") != 1 || withLibraries && strings.Contains(e.stderr, "leave:") {
		t.Errorf("exit code %d after %v, and on stderr:\n%s", e.code, e.took, e.stderr)
	}
	if e.took > 20*time.Second {
		t.Errorf("it took %v", e.took)
	}
}

// A rank that never comes is an error after GDCP_LAUNCH_TIMEOUT, also where a
// library waits that knows no time limit.
func TestRankNeverComes(t *testing.T) {
	for _, l := range []launchtest.Launcher{
		launchtest.OpenMPI(t, 2), launchtest.Hydra(t, 2), launchtest.Hydra(t, 2).With("GDCP_LAUNCH=libmpi").Named("hydra-libmpi"),
	} {
		t.Run(l.Name, func(t *testing.T) {
			needLibraries(t, l)
			e := start(t, l, "absent", "GDCP_LAUNCH_TIMEOUT=1s")
			if e.code == 0 || len(e.ranks) != 1 || !strings.Contains(e.ranks[0].Err, "not all of the 2 ranks have come within 1s") {
				t.Errorf("got %+v", e)
			}
		})
	}
}

// What launchers do when a rank fails later is written in doc.go; this holds it.
func TestRankFailsLater(t *testing.T) {
	for _, c := range []struct {
		launcher launchtest.Launcher
		role     string
		code     int
		others   int // how many of the three others live on; -1 if it varies
	}{
		{launchtest.OpenMPI(t, 4), "join,exit", 7, 0},
		{launchtest.OpenMPI(t, 4), "join,kill", 137, 0},
		{launchtest.Hydra(t, 4), "join,exit", 7, 3},
		{launchtest.Hydra(t, 4), "join,kill", 9, -1},
	} {
		t.Run(c.launcher.Name+" "+c.role, func(t *testing.T) {
			needLibraries(t, c.launcher)
			e := start(t, c.launcher, c.role)
			if e.code != c.code || c.others >= 0 && len(e.ranks) != c.others {
				t.Errorf("exit code %d, %d ranks live on; want %d, %d\n%s", e.code, len(e.ranks), c.code, c.others, e.stderr)
			}
		})
	}
}

func TestSlurm(t *testing.T) {
	lab := launchtest.Slurm(t)
	t.Run("pmi2", func(t *testing.T) {
		e := start(t, lab.Srun(t, "pmi2", 4), "join,rest", longCards)
		e.wantCards(t, 4, "PMI-1 (Slurm)", longCard)
		e.wantQuiet(t)
		wantSlurmName(t, e)
	})
	t.Run("pmix", func(t *testing.T) {
		needLibraries(t, lab.Srun(t, "pmix", 4))
		e := start(t, lab.Srun(t, "pmix", 4), "join,rest", longCards)
		e.wantCards(t, 4, "PMIx (Slurm)", longCard)
		e.wantQuiet(t)
		wantSlurmName(t, e)
	})
	t.Run("pmix and libmpi", func(t *testing.T) {
		needLibraries(t, launchtest.OpenMPI(t, 4)) // which brings the library
		start(t, lab.Srun(t, "pmix", 4), "join", "GDCP_LAUNCH=libmpi").wantJob(t, 4, "libmpi (Slurm)")
	})
	t.Run("none", func(t *testing.T) {
		e := start(t, lab.Srun(t, "none", 4), "join")
		if e.code != 1 || len(e.ranks) != 4 || !strings.Contains(e.ranks[3].Err, "--mpi=pmi2") {
			t.Errorf("got %+v", e)
		}
	})
	t.Run("none and a directory", func(t *testing.T) {
		e := start(t, lab.Srun(t, "none", 4), "join", "GDCP_RENDEZVOUS="+directory(t).rendezvous)
		e.wantJob(t, 4, "rendezvous (Slurm)")
	})
	t.Run("none and a port", func(t *testing.T) {
		p := port(t)
		e := start(t, lab.Srun(t, "none", 4), "join", "GDCP_RENDEZVOUS="+p.rendezvous, "GDCP_SECRET_FILE="+p.secretFile)
		e.wantJob(t, 4, "rendezvous (Slurm)")
	})
	t.Run("one task", func(t *testing.T) {
		start(t, lab.Srun(t, "none", 1), "join").wantJob(t, 1, "alone")
	})
	for _, mpi := range []string{"pmi2", "pmix", "none"} {
		t.Run("usage error, "+mpi, func(t *testing.T) {
			if mpi == "pmix" {
				needLibraries(t, lab.Srun(t, mpi, 8))
			}
			start(t, lab.Srun(t, mpi, 8), "usage").wantUsageError(t)
		})
	}
	for role, code := range map[string]int{"join,exit": 7, "join,kill": 137} {
		t.Run(role, func(t *testing.T) {
			if e := start(t, lab.Srun(t, "pmi2", 4), role); e.code != code || len(e.ranks) != 3 {
				t.Errorf("exit code %d, %d ranks live on; want %d and 3", e.code, len(e.ranks), code)
			}
		})
	}
	t.Run("batch", func(t *testing.T) { batch(t, lab) })
}

func wantSlurmName(t *testing.T, e ended) {
	t.Helper()
	if name := e.ranks[0].Job.Name; !strings.HasPrefix(name, "slurm-") || !strings.HasSuffix(name, ".0") {
		t.Errorf("the job's name is %q", name)
	}
}

// batch is a batch script that runs the ranks in all ways: directly (one rank, in
// spite of what Slurm's variables say), by mpirun, by hydra, by srun.
func batch(t *testing.T, lab *launchtest.Lab) {
	mpirun, hydra := launchtest.OpenMPI(t, 4), launchtest.Hydra(t, 4)
	needLibraries(t, mpirun)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	line := func(name string, words ...string) string {
		return strings.Join(append(words, self, ">", filepath.Join(out, name), "\n"), " ")
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	said, err := lab.Batch(ctx, t, 4, "set -e\nexport GDCP_TEST_RANK=join\n"+
		line("alone")+line("mpirun", mpirun.Prefix...)+line("hydra", hydra.Prefix[0], "-np", "4")+
		line("srun", "srun", "--mpi=pmi2", "--overcommit"))
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for name, want := range map[string]struct {
		size     int
		launcher string
	}{"alone": {1, "alone"}, "mpirun": {4, "PMIx (Open MPI)"}, "hydra": {4, "PMI-1 (hydra)"}, "srun": {4, "PMI-1 (Slurm)"}} {
		written, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		ended{ranks: ranksOf(t, string(written))}.wantJob(t, want.size, want.launcher)
	}
}
