package mesh

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"gdcp/circle"
	"gdcp/circle/circletest"
)

// join makes the meshes of a whole job, over this host's loopback.
func join(t testing.TB, size int, cfg Config) []*Mesh {
	t.Helper()
	listeners, cards := listen(t, size, cfg)
	meshes := make([]*Mesh, size)
	for r, l := range listeners {
		meshes[r] = joinOne(t, l, r, cards, [32]byte{1, 2, 3})
	}
	return meshes
}

func listen(t testing.TB, size int, cfg Config) ([]*Listener, [][]byte) {
	t.Helper()
	if cfg.Net == "" {
		cfg.Net = "127.0.0.0/8"
	}
	listeners, cards := make([]*Listener, size), make([][]byte, size)
	for r := range size {
		l, err := Listen(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		listeners[r], cards[r] = l, l.Card()
	}
	return listeners, cards
}

func joinOne(t testing.TB, l *Listener, rank int, cards [][]byte, secret [32]byte) *Mesh {
	t.Helper()
	m, err := l.Join(rank, cards, secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// kill ends a mesh as the end of its process would.
func (m *Mesh) kill() {
	m.once.Do(func() {
		close(m.closing)
		m.end()
	})
}

// packet is the next packet, which must come soon.
func (m *Mesh) packet(t testing.TB) circle.Packet {
	t.Helper()
	select {
	case pk := <-m.Packets():
		return pk
	case <-time.After(30 * time.Second):
		t.Fatalf("rank %d: no packet within 30 s", m.rank)
		return circle.Packet{}
	}
}

// greet checks that a message gets from one mesh to the other and back.
func greet(t testing.TB, a, b *Mesh) {
	t.Helper()
	for _, m := range [][2]*Mesh{{a, b}, {b, a}} {
		m[0].Send(m[1].rank, []byte("hello"))
		if pk := m[1].packet(t); pk.From != m[0].rank || string(pk.Body) != "hello" {
			t.Fatalf("rank %d got %q from rank %d, loss %v", m[1].rank, pk.Body, pk.From, pk.Lost)
		}
	}
}

func TestTransport(t *testing.T) {
	circletest.Transports(t, func(t *testing.T, size int) circletest.Cluster {
		meshes := join(t, size, Config{})
		trs := make([]circle.Transport, size)
		for r := range trs {
			trs[r] = meshes[r]
		}
		return circletest.Cluster{Transports: trs, Kill: func(r int) { meshes[r].kill() }}
	})
}

// TestAllInterfaces is a job as it is without --net.
func TestAllInterfaces(t *testing.T) {
	ms := join(t, 2, Config{Net: "auto"})
	greet(t, ms[0], ms[1])
	if got := ms[0].Describe(); got != "tcp on lo" {
		t.Errorf("Describe says %q of a job on one node", got)
	}
}

// TestDescribe: with a second node, the banner names the interface.
func TestDescribe(t *testing.T) {
	l, cards := listen(t, 1, Config{Net: "auto"})
	if l[0].Interface() == "lo" {
		t.Skip("this host has no network but its loopback")
	}
	other := card{node: nodeID{1}, doors: doors("10.255.255.254/32 9")}
	m := joinOne(t, l[0], 0, append(cards, other.encode()), [32]byte{})
	if got, want := m.Describe(), "tcp on "+l[0].Interface(); got != want {
		t.Errorf("Describe says %q, want %q", got, want)
	}
}

// TestOneConnection: whoever dials, a pair has one connection.
func TestOneConnection(t *testing.T) {
	for range 50 {
		ms := join(t, 2, Config{})
		start := make(chan struct{})
		for r, m := range ms {
			go func() {
				<-start
				m.Send(1-r, []byte("first"))
			}()
		}
		close(start)
		for _, m := range ms {
			if pk := m.packet(t); string(pk.Body) != "first" {
				t.Fatalf("rank %d: %q, loss %v", m.rank, pk.Body, pk.Lost)
			}
		}
		a, b := ms[0].peers[1].link.wire, ms[1].peers[0].link.wire
		if a.LocalAddr().String() != b.RemoteAddr().String() || a.RemoteAddr().String() != b.LocalAddr().String() {
			t.Fatalf("two connections: %v-%v and %v-%v", a.LocalAddr(), a.RemoteAddr(), b.LocalAddr(), b.RemoteAddr())
		}
		for _, m := range ms {
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestJoinRefuses(t *testing.T) {
	far := card{node: nodeID{1}, doors: doors("127.0.0.1/8 4000")}
	for name, c := range map[string]struct {
		rank  int
		cards func(own []byte) [][]byte
		want  string
	}{
		"no cards":         {0, func([]byte) [][]byte { return nil }, "own card"},
		"beyond the job":   {1, func(own []byte) [][]byte { return [][]byte{own} }, "own card"},
		"negative":         {-1, func(own []byte) [][]byte { return [][]byte{own} }, "own card"},
		"another's card":   {0, func([]byte) [][]byte { return [][]byte{far.encode()} }, "own card"},
		"a broken card":    {0, func(own []byte) [][]byte { return [][]byte{own, own[:9]} }, "rank 1: a card that is cut short"},
		"no way to a node": {0, func(own []byte) [][]byte { return [][]byte{own, far.encode()} }, "say with --net"},
	} {
		l, cards := listen(t, 1, Config{})
		_, err := l[0].Join(c.rank, c.cards(cards[0]), [32]byte{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
		if err := l[0].Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: the listener was left open", name)
		}
	}
}

func TestListenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"no such interface": {Config{Net: "ib77"}, "--net ib77"},
		"a negative bound":  {Config{MaxStrangers: -1}, "negative"},
		"hasty":             {Config{PingEvery: time.Second, DeadAfter: time.Second}, "lost after 1s without a sign of life"},
	} {
		if _, err := Listen(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

// TestDefaultsAreFastEnough: a loss is noticed within 10 s.
func TestDefaultsAreFastEnough(t *testing.T) {
	c := Config{}.withDefaults()
	if worst := c.DeadAfter + c.PingEvery/2; worst >= 10*time.Second || c.ConnectTimeout >= 10*time.Second {
		t.Errorf("a peer that fell silent is lost after %v, one that does not answer a dial after %v", worst, c.ConnectTimeout)
	}
	if c.DeadAfter < 3*c.PingEvery {
		t.Errorf("lost after %v, with a ping every %v: one late ping is enough", c.DeadAfter, c.PingEvery)
	}
}

// TestSlowReceiver: a receiver that pauses for longer than DeadAfter, with the
// network full of what it has not received, loses nobody and is not lost.
func TestSlowReceiver(t *testing.T) {
	ms := join(t, 2, Config{PingEvery: 100 * time.Millisecond, DeadAfter: time.Second})
	const count = 400
	body := make([]byte, 100_000)
	for range count {
		ms[0].Send(1, body)
	}
	for start := time.Now(); time.Since(start) < 2500*time.Millisecond; {
		<-time.After(time.Millisecond)
		ms[1].Send(0, []byte("I am here"))
		if pk := ms[0].packet(t); pk.Lost != nil {
			t.Fatalf("rank 0: rank 1 is lost: %v", pk.Lost)
		}
	}
	if ms[0].Backlog(1) == 0 {
		t.Error("there is no backlog: the receiver was not slow")
	}
	for n := range count {
		if pk := ms[1].packet(t); pk.Lost != nil {
			t.Fatalf("rank 1: rank 0 is lost after %d messages: %v", n, pk.Lost)
		}
	}
}

// TestIdle: two peers with nothing to say keep each other alive.
func TestIdle(t *testing.T) {
	ms := join(t, 2, Config{PingEvery: 100 * time.Millisecond, DeadAfter: time.Second})
	greet(t, ms[0], ms[1])
	select {
	case pk := <-ms[0].Packets():
		t.Errorf("rank %d is lost: %v", pk.From, pk.Lost)
	case pk := <-ms[1].Packets():
		t.Errorf("rank %d is lost: %v", pk.From, pk.Lost)
	case <-time.After(2500 * time.Millisecond):
	}
}

// TestCloseFull: a rank that has not received what came can close at once. Its
// readers, which wait for room in Packets, must go on to see the others' ends.
func TestCloseFull(t *testing.T) {
	ms := join(t, 2, Config{FlushTimeout: 20 * time.Second})
	greet(t, ms[0], ms[1])
	for range 10 * room {
		ms[0].Send(1, make([]byte, 10_000))
	}
	l := ms[1].peers[0].link
	for !l.paused.Load() {
		<-time.After(time.Millisecond)
	}
	start := time.Now()
	if err := ms[1].Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("Close took %v", took)
	}
	if pk := ms[0].packet(t); !errors.Is(pk.Lost, circle.ErrClosed) {
		t.Errorf("rank 0: %d bytes, loss %v; want %v", len(pk.Body), pk.Lost, circle.ErrClosed)
	}
}

// TestClosePartly: Close says what it could not send.
func TestClosePartly(t *testing.T) {
	ms := join(t, 2, Config{FlushTimeout: 50 * time.Millisecond})
	for range 100 {
		ms[0].Send(1, make([]byte, circle.MaxMessage))
	}
	if err := ms[0].Close(); err == nil || !strings.Contains(err.Error(), "bytes for 1 ranks could not be sent within 50ms") {
		t.Errorf("Close with a peer that does not receive: %v", err)
	}
}
