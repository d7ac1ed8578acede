package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gdcp/circle/launch/launchtest"
)

func TestUnderLaunchers(t *testing.T) {
	for name, with := range map[string]func(testing.TB, int) launchtest.Launcher{
		"openmpi": launchtest.OpenMPI,
		"hydra":   launchtest.Hydra,
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("counts", func(t *testing.T) {
				for _, n := range []int{1, 2, 4, 16} {
					out, err := under(t, with(t, n), "-t 2 -a 3 -d 8 -b 5 -q 0.19 -m 5 -f 0.6 -c 1 -i 100")
					checkOnce(t, out, "Tree size = 269600, tree depth = 160, num leaves = 216334 ")
					if err != nil {
						t.Errorf("%d ranks: %v", n, err)
					}
				}
			})
			t.Run("published", func(t *testing.T) {
				if testing.Short() || raceDetector {
					t.Skip("see TestPublishedTreesInParallel")
				}
				out, err := under(t, with(t, 2), "-t 1 -a 3 -d 10 -b 4 -r 19")
				checkOnce(t, out, "These are the published counts of T1.")
				if err != nil {
					t.Error(err)
				}
			})
			t.Run("refusal", func(t *testing.T) {
				for args, want := range map[string]string{
					"-t 7": "uts: -t 7: ",
					"-n 3": "uts: -n 3: ",
				} {
					out, err := under(t, with(t, 4), args)
					checkOnce(t, out, want)
					var exit *exec.ExitError
					if !errors.As(err, &exit) || exit.ExitCode() != 1 {
						t.Errorf("uts %s: %v, want exit code 1", args, err)
					}
				}
			})
		})
	}
}

// under runs uts, which this test binary is too, by a launcher.
func under(t *testing.T, l launchtest.Launcher, args string) (output string, err error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := l.With(asCommand+"=1").Command(ctx, self, strings.Fields(args)...).CombinedOutput()
	if ctx.Err() != nil {
		t.Errorf("%s: uts %s was still there after a minute", l.Name, args)
	}
	return string(out), err
}

// checkOnce wants a text that only one of the ranks may print.
func checkOnce(t *testing.T, out, want string) {
	t.Helper()
	if n := strings.Count(out, want); n != 1 {
		t.Errorf("%q was printed %d times, want once:\n%s", want, n, out)
	}
}
