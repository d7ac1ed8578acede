package launch

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// place is a rendezvous for tests: a directory, or a port with a secret file.
type place struct {
	rendezvous, secretFile string
}

func (p place) env(rank, size int, timeout time.Duration) Env {
	words := fmt.Sprintf("GDCP_RANK=%d GDCP_SIZE=%d GDCP_RENDEZVOUS=%s GDCP_SECRET_FILE=%s", rank, size, p.rendezvous, p.secretFile)
	return Env{Getenv: vars(words), Timeout: timeout}
}

func directory(t *testing.T) place {
	return place{rendezvous: filepath.Join(t.TempDir(), "meet")}
}

// port is a free one. Another process may take it before rank 0 does; the
// kernel gives them out in no order, so that is rare.
func port(t *testing.T) place {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return place{rendezvous: l.Addr().String(), secretFile: secretFile(t, "the secret of this test, 32 bytes")}
}

func secretFile(t *testing.T, secret string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// places are both kinds.
func places(t *testing.T, test func(t *testing.T, p place)) {
	t.Run("directory", func(t *testing.T) { test(t, directory(t)) })
	t.Run("tcp", func(t *testing.T) { test(t, port(t)) })
}

// outcome is what Join has returned on one rank.
type outcome struct {
	job *Job
	err error
}

// joinAll has the ranks meet, each a goroutine, the last one first.
func joinAll(ctx context.Context, p place, size int, timeout time.Duration, ranks ...int) []outcome {
	got := make([]outcome, len(ranks))
	var group sync.WaitGroup
	for i := len(ranks) - 1; i >= 0; i-- {
		group.Go(func() {
			got[i].job, got[i].err = Join(ctx, p.env(ranks[i], size, timeout), fmt.Appendf(nil, "card %d", ranks[i]))
		})
	}
	group.Wait()
	return got
}

func upTo(n int) (ranks []int) {
	for r := range n {
		ranks = append(ranks, r)
	}
	return ranks
}

func wantAllMet(t *testing.T, got []outcome) {
	t.Helper()
	for rank, o := range got {
		if o.err != nil {
			t.Fatalf("rank %d: %v", rank, o.err)
		}
		j := o.job
		if j.Rank != rank || j.Size != len(got) || len(j.Local) != len(got) {
			t.Errorf("rank %d: %d of %d, %d local", rank, j.Rank, j.Size, len(j.Local))
		}
		if j.Secret != got[0].job.Secret || j.Secret == [32]byte{} || j.Name != got[0].job.Name {
			t.Errorf("rank %d has another secret or name than rank 0, or none", rank)
		}
		for r, card := range j.Cards {
			if string(card) != fmt.Sprintf("card %d", r) {
				t.Errorf("rank %d has %q as card of rank %d", rank, card, r)
			}
		}
	}
}

func TestRendezvous(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		for _, size := range []int{2, 5, 64} {
			wantAllMet(t, joinAll(t.Context(), p, size, time.Minute, upTo(size)...))
		}
	})
}

func TestRendezvousLeavesNothing(t *testing.T) {
	p := directory(t)
	wantAllMet(t, joinAll(t.Context(), p, 8, time.Minute, upTo(8)...))
	files, err := os.ReadDir(p.rendezvous)
	if err != nil || len(files) > 0 {
		t.Errorf("left in the directory: %v (%v)", files, err)
	}
}

func TestMissingRanksAreNamedByAll(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		for i, o := range joinAll(t.Context(), p, 6, 300*time.Millisecond, 0, 1, 4) {
			missing, ok := errors.AsType[*MissingError](o.err)
			if !ok || ranges(missing.Ranks) != "2-3, 5" || missing.Size != 6 {
				t.Errorf("the %d. rank says %v", i, o.err)
			}
		}
	})
}

func TestRankZeroMissing(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		env := p.env(1, 2, 50*time.Millisecond)
		start := time.Now()
		_, err := Join(t.Context(), env, nil)
		missing, ok := errors.AsType[*MissingError](err)
		if !ok || ranges(missing.Ranks) != "0" {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took > overtime+5*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestRendezvousIsCancelled(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		stop := errors.New("stopped by signal")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(100*time.Millisecond, func() { cancel(stop) })
		start := time.Now()
		for i, o := range joinAll(ctx, p, 4, time.Minute, 0, 1, 2) {
			if o.err == nil || !strings.Contains(o.err.Error(), "stopped") {
				t.Errorf("the %d. rank says %v", i, o.err)
			}
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestRankTwice(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		said := false
		for _, o := range joinAll(t.Context(), p, 3, 2*time.Second, 0, 1, 1) {
			if o.err == nil {
				t.Error("a rank has met the others, who are not all there")
			}
			said = said || strings.Contains(fmt.Sprint(o.err), "as rank 1 (GDCP_RANK)")
		}
		if !said {
			t.Error("nobody says that rank 1 has come twice")
		}
	})
}

// What an earlier job left in the directory must not be taken for the present
// one's: neither by ranks that come before rank 0, nor by rank 0.
func TestStaleDirectory(t *testing.T) {
	p := directory(t)
	// A meeting that failed: its announcement, files and verdict stay, some for ever.
	stale := joinAll(t.Context(), p, 3, 100*time.Millisecond, 0, 1)
	if stale[0].err == nil {
		t.Fatal("2 of 3 ranks have met")
	}
	leaveStale(t, p.rendezvous)

	var late outcome
	var group sync.WaitGroup
	group.Go(func() { late.job, late.err = Join(t.Context(), p.env(2, 3, time.Minute), []byte("card 2")) })
	awaitRankFiles(t, p.rendezvous, 2, 2) // it has believed the stale announcement
	got := joinAll(t.Context(), p, 3, time.Minute, 0, 1)
	group.Wait()
	wantAllMet(t, append(got, late))
}

// leaveStale writes a whole meeting of three ranks that is over, as it would be
// if all had been killed before they cleared up.
func leaveStale(t *testing.T, dir string) {
	t.Helper()
	const number = "00112233445566778899aabbccddeeff"
	old := [][]byte{record{first: true, card: []byte("old")}.encode(), record{card: []byte("old")}.encode(), record{card: []byte("old")}.encode()}
	var tokens []string
	for range 2 {
		tokens = append(tokens, hex.EncodeToString(nonce()[:tokenLength]))
	}
	v := &venue{m: meeting{Situation: Situation{Size: 3}}}
	for name, data := range map[string][]byte{
		meetingFile:                                          []byte(v.announcement(number)),
		fileOf(number, verdictSuffix):                        minutes{tokens, verdict{blobs: old}}.encode(),
		rankFile(number, 1, tokens[0]):                       old[1],
		rankFile(number, 2, tokens[1]):                       old[2],
		rankFile(number, 1, tokens[0]) + ".0011223344556677": nil,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func awaitRankFiles(t *testing.T, dir string, rank, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		if found, _ := filepath.Glob(filepath.Join(dir, fmt.Sprintf("gdcp-*-%d-*", rank))); len(found) >= want {
			return
		}
		if !pause(ctx, 5*time.Millisecond) {
			t.Fatalf("rank %d has not come", rank)
		}
	}
}

func TestTwoJobsInOneDirectory(t *testing.T) {
	p := directory(t)
	var first outcome
	var group sync.WaitGroup
	group.Go(func() { first.job, first.err = Join(t.Context(), p.env(0, 2, time.Minute), nil) })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		if _, err := os.Stat(filepath.Join(p.rendezvous, meetingFile)); err == nil {
			break
		}
		if !pause(ctx, 5*time.Millisecond) {
			t.Fatal("the first job has not begun")
		}
	}
	got := make([]outcome, 2)
	var second sync.WaitGroup
	second.Go(func() { got[0] = joinAll(t.Context(), p, 2, time.Minute, 0)[0] })
	group.Wait() // only then is it clear which job the other rank is of
	if first.err == nil || !strings.Contains(first.err.Error(), "another job") {
		t.Errorf("the first job: %v", first.err)
	}
	got[1] = joinAll(t.Context(), p, 2, time.Minute, 1)[0]
	second.Wait()
	wantAllMet(t, got)
}

func TestDirectoryMustBePrivate(t *testing.T) {
	p := directory(t)
	if err := os.Mkdir(p.rendezvous, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.rendezvous, 0o770); err != nil {
		t.Fatal(err)
	}
	for rank := range 2 {
		if _, err := Join(t.Context(), p.env(rank, 2, time.Second), nil); err == nil || !strings.Contains(err.Error(), "lets others in") {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
}

func TestSecretFileMustBePrivate(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, mode os.FileMode, length int) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, make([]byte, length), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for file, want := range map[string]string{
		"":                          "umask 077",
		filepath.Join(dir, "none"):  "no such file",
		dir:                         "not a regular file",
		write("open", 0o640, 32):    "lets others in",
		write("short", 0o600, 15):   "want 16 to",
		write("long", 0o600, 5000):  "want 16 to",
		write("right", 0o600, 4096): "",
	} {
		_, err := readSecretFile(file)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
}

func TestPlaceThatIsNone(t *testing.T) {
	p := place{rendezvous: "relative/directory"}
	if _, err := Join(t.Context(), p.env(0, 2, time.Second), nil); err == nil || !strings.Contains(err.Error(), "host:port") {
		t.Errorf("got %v", err)
	}
}
