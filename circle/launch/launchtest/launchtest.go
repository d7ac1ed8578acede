// Package launchtest runs test programs under the launchers that are installed:
// Open MPI's mpirun, MPICH's mpiexec.hydra, and a Slurm of two nodes that it
// brings up on this machine. It is for the tests of any package:
//
//	lab := launchtest.Slurm(t)
//	for _, l := range []launchtest.Launcher{
//		launchtest.OpenMPI(t, 4), launchtest.Hydra(t, 4), lab.Srun(t, "pmi2", 4),
//	} {
//		out, err := l.Command(ctx, "/path/to/program", "argument").CombinedOutput()
//	}
//
// A launcher that is not there skips the test, or fails it where GDCP_REQUIRE
// names it (package need).
package launchtest

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gdcp/scripts/need"
)

// Launcher is a way to start ranks.
type Launcher struct {
	// Name is for subtests: "mpirun", "srun-pmi2".
	Name string
	// Prefix is the command line before the program: mpirun, its options.
	Prefix []string
	// Env is added to the environment, NAME=value each.
	Env []string
}

// With returns the launcher with more of an environment for the ranks, NAME=value
// each. It reaches all ranks, as they are on this machine.
func (l Launcher) With(env ...string) Launcher {
	l.Env = append(l.Env[:len(l.Env):len(l.Env)], env...)
	return l
}

// Named returns the launcher under another name.
func (l Launcher) Named(name string) Launcher {
	l.Name = name
	return l
}

// Option returns the launcher with more options before the program.
func (l Launcher) Option(options ...string) Launcher {
	l.Prefix = append(l.Prefix[:len(l.Prefix):len(l.Prefix)], options...)
	return l
}

// Command is the program under the launcher. When ctx ends, the launcher gets
// SIGTERM, on which it ends its ranks, and SIGKILL five seconds later.
func (l Launcher) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	line := append(append(l.Prefix[:len(l.Prefix):len(l.Prefix)], program), args...)
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Env = append(cleanEnv(), l.Env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// cleanEnv is this process's environment without what the launcher of the tests
// themselves has put there, such as a batch job that runs them.
func cleanEnv() (env []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !launcherVariable(name) {
			env = append(env, v)
		}
	}
	return env
}

func launcherVariable(name string) bool {
	for _, prefix := range []string{"SLURM_", "PMI_", "PMIX_", "OMPI_COMM_", "HYDI_", "MPI_LOCAL"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "GDCP_LAUNCH", "GDCP_RANK", "GDCP_SIZE", "GDCP_RENDEZVOUS", "GDCP_SECRET_FILE", "GDCP_LAUNCH_TIMEOUT":
		return true
	}
	return false
}

// OpenMPI is mpirun with n ranks on this machine, more than it has cores.
func OpenMPI(t testing.TB, n int) Launcher {
	t.Helper()
	mpirun := need.Program(t, "openmpi", "mpirun.openmpi", "mpirun")
	return Launcher{
		Name:   "mpirun",
		Prefix: []string{mpirun, "-np", strconv.Itoa(n), "--oversubscribe"},
		Env:    asRoot(),
	}
}

// asRoot lets root start mpirun, which tests in containers are.
func asRoot() []string {
	return []string{"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"}
}

// Hydra is MPICH's mpiexec with n ranks on this machine.
func Hydra(t testing.TB, n int) Launcher {
	t.Helper()
	mpiexec := need.Program(t, "hydra", "mpiexec.hydra")
	return Launcher{Name: "hydra", Prefix: []string{mpiexec, "-launcher", "fork", "-np", strconv.Itoa(n)}}
}
