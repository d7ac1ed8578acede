package mesh

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"gdcp/circle"
)

// childEnv makes this test binary a rank of its own: rank 1, which sends back
// what it gets.
const childEnv = "MESH_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		if err := echo(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "echo:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// job is what a child is told, as a line of JSON, after it has said its card.
type job struct {
	Cards  [][]byte
	Secret [32]byte
}

// echo is a child's life. It ends when rank 0 does.
func echo(in io.Reader, out io.Writer) error {
	var cfg Config
	lines := json.NewDecoder(in)
	if err := lines.Decode(&cfg); err != nil {
		return err
	}
	l, err := Listen(cfg)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(l.Card()); err != nil {
		return err
	}
	var j job
	if err := lines.Decode(&j); err != nil {
		return err
	}
	m, err := l.Join(1, j.Cards, j.Secret)
	if err != nil {
		return err
	}
	for pk := range m.Packets() {
		if pk.Lost != nil {
			fmt.Fprintln(out, "lost:", pk.Lost)
			return m.Close()
		}
		m.Send(pk.From, pk.Body)
	}
	return errors.New("Packets was closed")
}

// child is a rank in a process of its own.
type child struct {
	*exec.Cmd
	in  *json.Encoder
	out *bufio.Reader
}

// pair makes a job of this process and a child.
func pair(t testing.TB, own, childs Config) (*Mesh, child) {
	t.Helper()
	own.Net = "127.0.0.0/8"
	c := startChild(t)
	if err := c.in.Encode(struct {
		Net                  string
		PingEvery, DeadAfter time.Duration
	}{own.Net, childs.PingEvery, childs.DeadAfter}); err != nil {
		t.Fatal(err)
	}
	l, err := Listen(own)
	if err != nil {
		t.Fatal(err)
	}
	j := job{Cards: [][]byte{l.Card(), nil}, Secret: [32]byte{4, 5, 6}}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the child's card: %v", err)
	}
	if err := json.Unmarshal(line, &j.Cards[1]); err != nil {
		t.Fatal(err)
	}
	if err := c.in.Encode(j); err != nil {
		t.Fatal(err)
	}
	return joinOne(t, l, 0, j.Cards, j.Secret), c
}

func startChild(t testing.TB) child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return child{cmd, json.NewEncoder(in), bufio.NewReader(out)}
}

func (c child) signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := c.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// talk checks that the child answers.
func talk(t testing.TB, m *Mesh) {
	t.Helper()
	m.Send(1, []byte("hello"))
	if pk := m.packet(t); string(pk.Body) != "hello" {
		t.Fatalf("the child answered %q, loss %v", pk.Body, pk.Lost)
	}
}

// lostWithin checks that the child is reported lost in time.
func lostWithin(t *testing.T, m *Mesh, limit time.Duration) {
	t.Helper()
	start := time.Now()
	pk := m.packet(t)
	took := time.Since(start)
	if pk.From != 1 || pk.Lost == nil || errors.Is(pk.Lost, circle.ErrClosed) {
		t.Fatalf("%d bytes from rank %d, loss %v; want the loss of rank 1", len(pk.Body), pk.From, pk.Lost)
	}
	t.Logf("lost after %v: %v", took.Round(time.Millisecond), pk.Lost)
	if took > limit {
		t.Errorf("the loss was noticed after %v, want at most %v", took, limit)
	}
}

func TestProcessKilled(t *testing.T) {
	m, c := pair(t, Config{}, Config{})
	talk(t, m)
	c.signal(t, syscall.SIGKILL)
	lostWithin(t, m, time.Second)
}

func TestProcessKilledBeforeUse(t *testing.T) {
	m, c := pair(t, Config{}, Config{})
	c.signal(t, syscall.SIGKILL)
	_ = c.Wait()
	m.Send(1, []byte("is there anybody?"))
	lostWithin(t, m, time.Second)
}

func TestProcessStopped(t *testing.T) {
	cfg := Config{PingEvery: 50 * time.Millisecond, DeadAfter: time.Second}
	m, c := pair(t, cfg, cfg)
	talk(t, m)
	c.signal(t, syscall.SIGSTOP)
	lostWithin(t, m, 5*time.Second)
}

// TestProcessStoppedDefaults is the promise of 10 s with nothing shortened,
// for a peer that is connected and for one that is dialed.
func TestProcessStoppedDefaults(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 s")
	}
	t.Run("connected", func(t *testing.T) {
		t.Parallel()
		m, c := pair(t, Config{}, Config{})
		talk(t, m)
		c.signal(t, syscall.SIGSTOP)
		lostWithin(t, m, 10*time.Second)
	})
	t.Run("dialed", func(t *testing.T) {
		t.Parallel()
		m, c := pair(t, Config{}, Config{})
		c.signal(t, syscall.SIGSTOP)
		m.Send(1, []byte("is there anybody?"))
		lostWithin(t, m, 10*time.Second)
	})
}

// TestProcessResumed: a process that was stopped for longer than its own
// DeadAfter takes nobody for dead when it goes on.
func TestProcessResumed(t *testing.T) {
	calm := Config{PingEvery: 50 * time.Millisecond, DeadAfter: 20 * time.Second}
	hasty := Config{PingEvery: 50 * time.Millisecond, DeadAfter: time.Second}
	m, c := pair(t, calm, hasty)
	talk(t, m)
	c.signal(t, syscall.SIGSTOP)
	select {
	case pk := <-m.Packets():
		t.Fatalf("a packet from a stopped process: loss %v", pk.Lost)
	case <-time.After(2500 * time.Millisecond):
	}
	c.signal(t, syscall.SIGCONT)
	talk(t, m)
}

// TestProcessClosed: a goodbye crosses processes, and the child ends by it.
func TestProcessClosed(t *testing.T) {
	m, c := pair(t, Config{}, Config{})
	talk(t, m)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	line, err := c.out.ReadString('\n')
	if want := "lost: " + circle.ErrClosed.Error(); strings.TrimSpace(line) != want {
		t.Errorf("the child says %q, %v; want %q", line, err, want)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("the child ends with %v", err)
	}
}
