//go:build !cgo || !linux

package launch

import (
	"strings"
	"testing"

	"gdcp/circle/launch/launchtest"
)

// withLibraries tells that libpmix and libmpi can be opened.
const withLibraries = false

func TestWithoutCgo(t *testing.T) {
	e := start(t, launchtest.OpenMPI(t, 2), "join")
	if e.code != 1 || len(e.ranks) == 0 || !strings.Contains(e.ranks[0].Err, "built without cgo") {
		t.Errorf("got %+v", e)
	}
	start(t, launchtest.OpenMPI(t, 2), "join", "GDCP_RENDEZVOUS="+directory(t).rendezvous).wantJob(t, 2, "rendezvous (Open MPI)")
}
