package scripts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gdcp/circle/launch/launchtest"
	"gdcp/scripts/need"
)

// sampleJobs are the batch jobs that people start from.
var sampleJobs = []string{"gdcp.sbatch", "gdcp-mpirun.sbatch"}

// submit prepares an sbatch of a sample job with two ranks on each of the lab's
// two nodes, that runs gdcp as its GDCP and returns when the job has ended. The
// log of the job is in the second result.
func submit(t *testing.T, lab *launchtest.Lab, job, gdcp string, args ...string) (cmd *exec.Cmd, log string) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("slurm", job))
	if err != nil {
		t.Fatal(err)
	}
	log = filepath.Join(t.TempDir(), "log")
	sized := []string{"--wait", "--nodes=2", "--ntasks-per-node=2", "--cpus-per-task=1", "--output=" + log, "--error=" + log, path}
	cmd = exec.CommandContext(t.Context(), need.Program(t, "slurm", "sbatch"), append(sized, args...)...)
	cmd.Env = append(os.Environ(), lab.Env...)
	cmd.Env = append(cmd.Env, "GDCP="+gdcp, "MPIRUN="+need.Program(t, "openmpi", "mpirun.openmpi", "mpirun"))
	return cmd, log
}

// read returns what a job wrote, or why that cannot be read.
func read(log string) string {
	text, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func TestSampleJobsCopy(t *testing.T) {
	if testing.Short() {
		t.Skip("builds gdcp, and starts a Slurm")
	}
	lab := launchtest.Slurm(t)
	src := oddTree(t)
	dir := t.TempDir()
	shell(t, "..", "go build -buildvcs=false -o "+dir+" ./cmd/gdcp")
	for _, job := range sampleJobs {
		t.Run(job, func(t *testing.T) {
			dest := filepath.Join(t.TempDir(), "dest")
			t.Cleanup(func() { shell(t, filepath.Dir(dest), "chmod -R u+rwx .") })
			cmd, log := submit(t, lab, job, filepath.Join(dir, "gdcp"), src+"/", dest+"/")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("sbatch: %v: %s\n%s", err, out, read(log))
			}
			contains(t, "the job's log", read(log), "job ", "2 nodes (node[1-2]), 4 ranks, start 1", "4 ranks on")
			if r := script(t, nil, "same-tree", src, dest); r.code != 0 {
				t.Errorf("the copy is not equal:\n%s", r.out)
			}
		})
	}
}

// TestSampleJobsStop sends what Slurm sends a minute before the time is up. The
// stand-in for gdcp says so on a fifo when it runs, needs a while to stop, as
// gdcp may, and leaves a file: it must be given that while. With srun every rank
// gets KillWait. With mpirun on several nodes a rank may be killed before it was
// asked, so there only the way of the signal and the exit code are sure.
func TestSampleJobsStop(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Slurm")
	}
	lab := launchtest.Slurm(t)
	for _, c := range []struct {
		job, target, needs string
		least              int
	}{
		{"gdcp.sbatch", "", "0.9", 4},
		{"gdcp-mpirun.sbatch", "--batch ", "0", 1},
	} {
		t.Run(c.job, func(t *testing.T) {
			dir := t.TempDir()
			fifo := filepath.Join(dir, "fifo")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			program(t, dir, "gdcp", `trap 'sleep `+c.needs+`; touch `+dir+`/stopped.$$; exit 143' TERM
				echo "$SLURM_JOB_ID" >`+fifo+`
				while :; do sleep 0.05; done`)
			cmd, log := submit(t, lab, c.job, filepath.Join(dir, "gdcp"), "src/", "dest/")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			stop(t, lab, fifo, c.target)
			err := cmd.Wait()
			exit := (*exec.ExitError)(nil)
			if !errors.As(err, &exit) || exit.ExitCode() != 143 {
				t.Errorf("the job ended with %v, want exit 143", err)
			}
			if stopped, _ := filepath.Glob(filepath.Join(dir, "stopped.*")); len(stopped) < c.least {
				t.Errorf("%d of 4 ranks stopped in good time, want at least %d:\n%s", len(stopped), c.least, read(log))
			}
		})
	}
}

// stop waits until all four ranks have written the job's number to the fifo,
// then sends SIGTERM to them, or, where target is "--batch ", to the script.
func stop(t *testing.T, lab *launchtest.Lab, fifo, target string) {
	t.Helper()
	f, err := os.OpenFile(fifo, os.O_RDWR, 0) // for writing too: no end of file between two ranks
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var id int
	for range 4 {
		if _, err := fmt.Fscanln(f, &id); err != nil {
			t.Fatalf("wait for the ranks to start: %v", err)
		}
	}
	shell(t, ".", strings.Join(lab.Env, " ")+" scancel --signal=TERM "+target+fmt.Sprint(id))
}
