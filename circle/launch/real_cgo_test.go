//go:build cgo && linux

package launch

import (
	"strings"
	"testing"

	"gdcp/circle/launch/launchtest"
)

// withLibraries tells that libpmix and libmpi can be opened.
const withLibraries = true

func TestOpenMPI(t *testing.T) {
	start(t, launchtest.OpenMPI(t, 4), "join").wantJob(t, 4, "PMIx (Open MPI)")
	e := start(t, launchtest.OpenMPI(t, 4), "join,rest", longCards)
	e.wantCards(t, 4, "PMIx (Open MPI)", longCard)
	e.wantQuiet(t)
	e = start(t, launchtest.OpenMPI(t, 64), "join")
	e.wantJob(t, 64, "PMIx (Open MPI)")
	t.Logf("64 ranks: %v", e.took)
	if e := start(t, launchtest.OpenMPI(t, 1), "join"); len(e.ranks) != 1 || e.ranks[0].Job.Launcher != "alone" {
		t.Errorf("mpirun -np 1: %+v", e)
	}
}

func TestLibMPI(t *testing.T) {
	for _, c := range []struct {
		launcher launchtest.Launcher
		want     string
	}{
		{launchtest.OpenMPI(t, 4), "libmpi (Open MPI)"},
		{launchtest.Hydra(t, 4), "libmpi (hydra)"},
	} {
		t.Run(c.launcher.Name, func(t *testing.T) {
			e := start(t, c.launcher, "join,rest", "GDCP_LAUNCH=libmpi", longCards)
			e.wantCards(t, 4, c.want, longCard)
			e.wantQuiet(t)
		})
	}
}

// Without libpmix, libmpi is gone to by itself; without both, it is an error that
// says what to do.
func TestDetours(t *testing.T) {
	start(t, launchtest.OpenMPI(t, 2), "join", "GDCP_LIBPMIX=no-such-library").wantJob(t, 2, "libmpi (Open MPI)")
	e := start(t, launchtest.OpenMPI(t, 2), "join", "GDCP_LIBPMIX=no-such-library", "GDCP_LIBMPI=no-such-library")
	if e.code == 0 || len(e.ranks) == 0 || !strings.Contains(e.ranks[0].Err, "install libpmix") || !strings.Contains(e.ranks[0].Err, "GDCP_RENDEZVOUS") {
		t.Errorf("without both: %+v", e)
	}
	e = start(t, launchtest.OpenMPI(t, 2), "join", "GDCP_LIBPMIX=no-such-library", "GDCP_LIBMPI=no-such-library",
		"GDCP_RENDEZVOUS="+directory(t).rendezvous)
	e.wantJob(t, 2, "rendezvous (Open MPI)")
}

// The libmpi of another launcher comes up as N jobs of one rank.
func TestForeignLibMPI(t *testing.T) {
	launchtest.OpenMPI(t, 2)
	e := start(t, launchtest.Hydra(t, 2), "join", "GDCP_LAUNCH=libmpi", "GDCP_LIBMPI=libmpi.so.40",
		"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	if e.code == 0 || len(e.ranks) == 0 {
		t.Fatalf("got %+v", e)
	}
	for _, s := range e.ranks {
		if !strings.Contains(s.Err, "1 ranks where the launcher says 2") {
			t.Errorf("got %+v", s)
		}
	}
}
