package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gdcp/circle/launch/launchtest"
	"gdcp/walker/fsys"
)

// slowTree makes a source that takes a while: names of few files, so that it
// is quick to make. It has n names.
func slowTree(t *testing.T, n int) string {
	t.Helper()
	src := filepath.Join(t.TempDir(), "src")
	data := make([]byte, 64<<10)
	for i := range n {
		dir := filepath.Join(src, fmt.Sprint(i/500))
		name := filepath.Join(dir, fmt.Sprint(i))
		if i%500 > 0 {
			if err := os.Link(filepath.Join(dir, fmt.Sprint(i/500*500)), name); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Time{}, time.Unix(1e9, 5)); err != nil {
			t.Fatal(err)
		}
	}
	return src
}

// running is a gdcp in the middle of its work.
type running struct {
	*exec.Cmd
	out, err strings.Builder
}

// begin starts a copy, and returns when some of it is done.
func begin(t *testing.T, cmd *exec.Cmd, dst string) *running {
	t.Helper()
	r := &running{Cmd: cmd}
	cmd.Stdout, cmd.Stderr = &r.out, &r.err
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		if files, _ := filepath.Glob(filepath.Join(dst, "*", "*1")); len(files) > 20 {
			return r
		}
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			cmd.Wait()
			t.Fatalf("nothing was copied in 30 s\n%s%s", &r.out, &r.err)
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // polls another process
	}
}

// stop sends a signal, and returns the exit code and how long the end took.
func (r *running) stop(sig syscall.Signal) (code int, after time.Duration) {
	began := time.Now()
	r.Process.Signal(sig)
	r.Wait()
	return r.ProcessState.ExitCode(), time.Since(began)
}

// A signal ends a job within a second. It says how far it got, and no file
// that is not whole has its source's time.
func TestSignals(t *testing.T) {
	src, gdcp := slowTree(t, 20000), program(t)
	for sig, want := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130} {
		t.Run(sig.String(), func(t *testing.T) {
			dst, stats := filepath.Join(t.TempDir(), "dst"), filepath.Join(t.TempDir(), "stats")
			r := begin(t, exec.Command(gdcp, "--stats", stats, "-w", "2", src, dst), dst)
			code, after := r.stop(sig)
			if code != want || after > time.Second {
				t.Errorf("exit code %d after %v, want %d within a second", code, after, want)
			}
			name := map[syscall.Signal]string{syscall.SIGTERM: "SIGTERM", syscall.SIGINT: "SIGINT"}[sig]
			if !strings.Contains(r.err.String(), "gdcp: stopped by "+name+" after ") || !strings.Contains(r.out.String(), "found so far; the copy is not complete\n") {
				t.Errorf("it did not say how far it got:\n%s%s", &r.out, &r.err)
			}
			written, err := os.ReadFile(stats)
			if err != nil || !strings.Contains(string(written), fmt.Sprintf(`"exit": %d,`, want)) || !strings.Contains(string(written), `"complete": false`) {
				t.Errorf("stats: %v\n%s", err, written)
			}
			noHalfFileLooksWhole(t, dst)
		})
	}
}

func noHalfFileLooksWhole(t *testing.T, dst string) {
	t.Helper()
	whole := 0
	err := filepath.WalkDir(dst, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		if fsys.TimeOf(st.ModTime()) != (fsys.Time{Sec: 1e9, Nsec: 5}) {
			return nil
		}
		whole++
		if st.Size() != 64<<10 {
			t.Errorf("%s has its source's time and %d bytes", path, st.Size())
		}
		return nil
	})
	if err != nil || whole == 0 {
		t.Errorf("%d whole files, %v", whole, err)
	}
}

// Who waits for output that nobody reads gets out too: with the watch over a
// job that does not end, or at once with a second signal.
func TestSignalsWhileOutputBlocks(t *testing.T) {
	src, gdcp := slowTree(t, 2000), program(t)
	for name, second := range map[string]bool{"late": false, "second": true} {
		t.Run(name, func(t *testing.T) {
			dst := filepath.Join(t.TempDir(), "dst")
			pipe, unread, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer pipe.Close()
			if _, err := unix.FcntlInt(unread.Fd(), unix.F_SETPIPE_SZ, 4096); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(gdcp, "-v", src, dst)
			cmd.Stdout = unread
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			unread.Close()
			awaitStandstill(t, dst)
			began := time.Now()
			cmd.Process.Signal(syscall.SIGTERM)
			if second {
				time.Sleep(50 * time.Millisecond) //nolint:forbidigo // two signals at once may be seen as one
				cmd.Process.Signal(syscall.SIGTERM)
			}
			cmd.Wait()
			after := time.Since(began)
			if code := cmd.ProcessState.ExitCode(); code != 143 || second != (after < time.Second) || after > lateAfter+time.Second {
				t.Errorf("exit code %d after %v, want 143", code, after)
			}
		})
	}
}

// awaitStandstill waits until a copy has begun and got stuck.
func awaitStandstill(t *testing.T, dst string) {
	t.Helper()
	last, since := 0, time.Now()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		files, _ := filepath.Glob(filepath.Join(dst, "*", "*"))
		if len(files) != last {
			last, since = len(files), time.Now()
		}
		if last > 0 && time.Since(since) > 200*time.Millisecond {
			return
		}
		time.Sleep(10 * time.Millisecond) //nolint:forbidigo // polls another process
	}
	t.Fatal("the copy did not get stuck in 30 s")
}

// A signal to the launcher stops the job, too. What the launcher makes of the
// exit code is its own: Open MPI's mpirun says 1 when it was told to stop, and
// hydra 4.0 now and then 0, whatever the ranks say.
func TestSignalsUnderLaunchers(t *testing.T) {
	src, gdcp := slowTree(t, 20000), program(t)
	for _, l := range []launchtest.Launcher{launchtest.OpenMPI(t, 3), launchtest.Hydra(t, 3)} {
		t.Run(l.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			dst, stats := filepath.Join(t.TempDir(), "dst"), filepath.Join(t.TempDir(), "stats")
			r := begin(t, l.Command(ctx, gdcp, "--stats", stats, "-w", "1", src, dst), dst)
			_, after := r.stop(syscall.SIGTERM)
			stoppedWell(t, r, dst, stats, after)
		})
	}
}

// A signal to any rank stops the job.
func TestSignalToOneRank(t *testing.T) {
	src := slowTree(t, 20000)
	dst, stats := filepath.Join(t.TempDir(), "dst"), filepath.Join(t.TempDir(), "stats")
	ranks := byHandEach(t, 3, "--stats", stats, "-w", "1", src, dst)
	awaitFiles(t, dst, 50)
	began := time.Now()
	_ = ranks[2].Process.Signal(syscall.SIGTERM)
	for i, want := range []int{143, 0, 143} {
		_ = ranks[i].Wait()
		if code := ranks[i].ProcessState.ExitCode(); code != want {
			t.Errorf("rank %d: exit code %d, want %d\n%s", i, code, want, &ranks[i].err)
		}
	}
	stoppedWell(t, ranks[0], dst, stats, time.Since(began))
}

// stoppedWell checks how a job of several ranks ended that was told to stop.
func stoppedWell(t *testing.T, r *running, dst, stats string, after time.Duration) {
	t.Helper()
	t.Logf("exit code %d after %v", r.ProcessState.ExitCode(), after)
	if after > 5*time.Second {
		t.Errorf("it took %v", after)
	}
	if n := strings.Count(r.out.String()+r.err.String(), "gdcp: stopped by SIGTERM"); n != 1 {
		t.Errorf("%d ranks say that they were stopped, want 1:\n%s%s", n, &r.out, &r.err)
	}
	if written, err := os.ReadFile(stats); err != nil || !strings.Contains(string(written), `"exit": 143,`) {
		t.Errorf("stats: %v\n%s", err, written)
	}
	noHalfFileLooksWhole(t, dst)
}
