// Package need lets a test say which part of the machine it stands on: a
// program that scripts/setup installs, or a power such as root. Without it
// the test is skipped and says why; where GDCP_REQUIRE names it, as CI does
// with all that it has set up, the same lack is a failure.
//
//	need.Program(t, "openmpi", "mpirun.openmpi")
//	need.Root(t)
package need

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Env is the variable that lists the required features, separated by commas;
// "all" requires every one.
const Env = "GDCP_REQUIRE"

// Program returns the path of the first of programs that is in PATH. feature
// is the word by which GDCP_REQUIRE knows it.
func Program(t testing.TB, feature string, programs ...string) string {
	t.Helper()
	for _, p := range programs {
		if path, err := exec.LookPath(p); err == nil {
			return path
		}
	}
	Lacking(t, feature, "none of "+strings.Join(programs, ", ")+" is in PATH; run scripts/setup test")
	return ""
}

// Root is for tests that change owners, mount, or make devices.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		Lacking(t, "root", "not running as root")
	}
}

// Lacking ends the test: it skips, or fails where feature is required. why
// says what is missing and what to do about it.
func Lacking(t testing.TB, feature, why string) {
	t.Helper()
	required := strings.Split(os.Getenv(Env), ",")
	if slices.Contains(required, feature) || slices.Contains(required, "all") {
		t.Fatalf("%s is required (%s), but: %s", feature, Env, why)
	}
	t.Skipf("needs %s: %s", feature, why)
}
