package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gdcp/copier/copytest"
)

// byHandEach starts n ranks, each a process of its own that can be killed.
func byHandEach(t *testing.T, n int, args ...string) []*running {
	t.Helper()
	meet := privateDir(t)
	ranks := make([]*running, n)
	for i := range ranks {
		r := &running{Cmd: exec.Command(program(t), args...)}
		r.Env = append(os.Environ(), fmt.Sprintf("GDCP_RANK=%d", i), fmt.Sprintf("GDCP_SIZE=%d", n), "GDCP_RENDEZVOUS="+meet)
		r.Stdout, r.Stderr = &r.out, &r.err
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Process.Kill() })
		ranks[i] = r
	}
	return ranks
}

func awaitFiles(t *testing.T, dst string, n int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if files, _ := filepath.Glob(filepath.Join(dst, "*", "*")); len(files) > n {
			return
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // polls other processes
	}
	t.Fatal("nothing was copied in 30 s")
}

// A rank that dies costs the job nothing but the proof that all it wrote is
// durable: its work is done again, and the exit code says so.
func TestLostRank(t *testing.T) {
	src, dst := slowTree(t, 4000), filepath.Join(t.TempDir(), "dst")
	ranks := byHandEach(t, 3, "-w", "1", src, dst)
	awaitFiles(t, dst, 50)
	began := time.Now()
	_ = ranks[2].Process.Kill()
	for _, r := range ranks {
		_ = r.Wait()
	}
	first := ranks[0]
	if code := first.ProcessState.ExitCode(); code != 23 || time.Since(began) > 30*time.Second {
		t.Errorf("exit code %d after %v, want 23\n%s%s", code, time.Since(began), &first.out, &first.err)
	}
	if !strings.Contains(first.err.String(), "gdcp: rank 2 was lost") {
		t.Errorf("rank 0 does not say which rank was lost:\n%s", &first.err)
	}
	if code := ranks[1].ProcessState.ExitCode(); code != 0 || ranks[1].err.Len() > 0 {
		t.Errorf("rank 1: exit code %d, %s", code, &ranks[1].err)
	}
	copytest.Equal(t, src, dst)
}

// Ranks without rank 0 end by themselves, and say why.
func TestLostRankZero(t *testing.T) {
	src, dst := slowTree(t, 20000), filepath.Join(t.TempDir(), "dst")
	ranks := byHandEach(t, 3, "-w", "1", src, dst)
	awaitFiles(t, dst, 50)
	began := time.Now()
	_ = ranks[0].Process.Kill()
	for i, r := range ranks {
		_ = r.Wait()
		if i == 0 {
			continue
		}
		code := r.ProcessState.ExitCode()
		if code != 23 || !strings.HasPrefix(r.err.String(), fmt.Sprintf("gdcp: rank %d on ", i)) || !strings.Contains(r.err.String(), "rank 0 is lost") {
			t.Errorf("rank %d: exit code %d, %s", i, code, &r.err)
		}
	}
	if after := time.Since(began); after > 10*time.Second {
		t.Errorf("the last rank ended %v after rank 0", after)
	}
}
