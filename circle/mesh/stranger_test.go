package mesh

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gdcp/circle"
)

// knock connects to a mesh as anybody can.
func knock(t testing.TB, m *Mesh) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", m.listeners[0].Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// challenge reads what a mesh says first.
func challenge(t testing.TB, conn net.Conn) (c [challengeSize]byte) {
	t.Helper()
	if _, err := io.ReadFull(conn, c[:]); err != nil {
		t.Fatal(err)
	}
	return c
}

// expectEnd checks that a mesh hangs up and says nothing more.
func expectEnd(t testing.TB, what string, conn net.Conn) {
	t.Helper()
	var timeout net.Error
	b, err := io.ReadAll(conn)
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Errorf("%s: the mesh does not hang up", what)
	}
	if len(b) > 0 {
		t.Errorf("%s: the mesh answers %x", what, b)
	}
}

// TestStrangers: what is not a peer is sent away, and disturbs nobody.
func TestStrangers(t *testing.T) {
	ms := join(t, 3, Config{HelloTimeout: 200 * time.Millisecond})
	greet(t, ms[0], ms[1])
	right := ms[1].keys

	recorded := func() []byte { // a hello that was right once
		conn := knock(t, ms[0])
		h := right.makeHello(challenge(t, conn), 1, 0)
		if _, err := conn.Write(h[:]); err != nil {
			t.Fatal(err)
		}
		return h[:]
	}()

	for name, say := range map[string]func(c [challengeSize]byte) []byte{
		"nothing":     func([challengeSize]byte) []byte { return nil },
		"a few bytes": func([challengeSize]byte) []byte { return []byte(magic) },
		"HTTP": func([challengeSize]byte) []byte {
			return []byte("GET / HTTP/1.1\r\nHost: " + strings.Repeat("x", 99) + "\r\n\r\n")
		},
		"an echo":       func(c [challengeSize]byte) []byte { return c[:] },
		"a replay":      func([challengeSize]byte) []byte { return recorded },
		"wrong secret":  func(c [challengeSize]byte) []byte { h := keysOf(t, 99, 1).makeHello(c, 1, 0); return h[:] },
		"wrong rank":    func(c [challengeSize]byte) []byte { h := right.makeHello(c, 1, 2); return h[:] },
		"garbage":       func([challengeSize]byte) []byte { b := make([]byte, 4096); _, _ = rand.Read(b); return b },
		"TLS, too soon": func([challengeSize]byte) []byte { return append([]byte{22, 3, 1, 1, 0}, make([]byte, 256)...) },
	} {
		conn := knock(t, ms[0])
		if _, err := conn.Write(say(challenge(t, conn))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		expectEnd(t, name, conn)
	}
	greet(t, ms[0], ms[1])
	greet(t, ms[2], ms[0])
}

// TestWrongKey: one who relays a right hello, but does not have the rank's
// key, gets no further.
func TestWrongKey(t *testing.T) {
	ms := join(t, 3, Config{})
	for name, k := range map[string]*keys{
		"another job's": keysOf(t, 99, 1),
		"another rank's": func() *keys {
			k := *ms[2].keys
			return &k
		}(),
	} {
		conn := knock(t, ms[0])
		h := ms[1].keys.makeHello(challenge(t, conn), 1, 0)
		if _, err := conn.Write(h[:]); err != nil {
			t.Fatal(err)
		}
		cfg, err := k.config(0)
		if err != nil {
			t.Fatal(err)
		}
		cfg.VerifyConnection = nil // it takes whom it finds
		tc := tls.Client(conn, cfg)
		if err := tc.Handshake(); err == nil { // TLS 1.3: the refusal comes behind it
			_, _, err = readFrame(tc)
			if err == nil || !strings.Contains(err.Error(), "tls: ") {
				t.Errorf("%s key: %v; want a refusal by TLS", name, err)
			}
		}
	}
	greet(t, ms[0], ms[1])
}

// TestImpostor: a dialer does not believe a listener that passes on a
// challenge but does not have the rank's key.
func TestImpostor(t *testing.T) {
	ms := join(t, 2, Config{ConnectTimeout: 2 * time.Second})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	heard := make(chan []byte, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		c := newChallenge()
		_, _ = conn.Write(c[:])
		_, _ = io.ReadFull(conn, make([]byte, helloSize))
		k := keysOf(t, 99, 1)
		cfg, _ := k.config(0)
		cfg.VerifyConnection = nil
		tc := tls.Server(conn, cfg)
		_ = tc.Handshake()
		b, _ := io.ReadAll(tc)
		heard <- b
	}()
	ms[0].cards[1].doors = []door{{ms[0].cards[1].doors[0].net, uint16(ln.Addr().(*net.TCPAddr).Port)}}
	ms[0].Send(1, []byte("for rank 1 only"))
	if pk := ms[0].packet(t); pk.From != 1 || !errors.Is(pk.Lost, errNotPeer) {
		t.Errorf("packet from rank %d, loss %v; want %v", pk.From, pk.Lost, errNotPeer)
	}
	if b := <-heard; len(b) > 0 {
		t.Errorf("the impostor was told %q", b)
	}
}

// TestSilentCrowd: many who connect and say nothing take a bounded number of
// places, and a peer gets through between them.
func TestSilentCrowd(t *testing.T) {
	const crowd, places = 3000, 64
	ms := join(t, 2, Config{MaxStrangers: places, HelloTimeout: 400 * time.Millisecond})
	idle, peak := runtime.NumGoroutine(), 0
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				peak = max(peak, runtime.NumGoroutine()-idle)
			}
		}
	})
	var conns []net.Conn
	for i := range crowd {
		if len(conns) == 200 { // at a time
			_ = conns[0].Close()
			conns = conns[1:]
		}
		conns = append(conns, knock(t, ms[0]))
		if i == crowd/2 {
			ms[1].Send(0, []byte("through the crowd"))
		}
	}
	if pk := ms[0].packet(t); string(pk.Body) != "through the crowd" {
		t.Errorf("got %q, loss %v", pk.Body, pk.Lost)
	}
	close(stop)
	group.Wait()
	// On a busy machine some have given their place away and are not gone yet.
	// Without a bound there would be one for each of the 200 open connections.
	const most = 2 * places
	if peak < places/2 || peak > most {
		t.Errorf("up to %d goroutines for strangers, want from %d to %d", peak, places/2, most)
	}
}

// insider is a peer that knows the secret and does not keep to the protocol.
func insider(t *testing.T, m *Mesh, as *keys) *link {
	t.Helper()
	conn := knock(t, m)
	if err := as.answer(conn, m.rank); err != nil {
		t.Fatal(err)
	}
	cfg, err := as.config(m.rank)
	if err != nil {
		t.Fatal(err)
	}
	l := &link{wire: &wire{Conn: conn}}
	l.conn = tls.Client(l.wire, cfg)
	if err := l.conn.HandshakeContext(context.Background()); err != nil {
		t.Fatal(err)
	}
	if k, _, err := readFrame(l.conn); err != nil || k != kindAccept {
		t.Fatalf("verdict %d, %v", k, err)
	}
	return l
}

// TestBadFrames: a peer that breaks the protocol is lost, with the reason,
// after what it had said before.
func TestBadFrames(t *testing.T) {
	for name, c := range map[string]struct {
		bytes []byte
		want  string
	}{
		"too long":        {[]byte{byte(kindData), 255, 255, 255}, "a frame of 16777215 bytes"},
		"unknown":         {[]byte{77, 0, 0, 0}, "unknown kind 77"},
		"a late verdict":  {frameOf(kindBusy, nil), "a verdict"},
		"a ping too long": {[]byte{byte(kindPing), 0, 0, 9}, "with a body"},
	} {
		ms := join(t, 2, Config{})
		l := insider(t, ms[0], ms[1].keys)
		if _, err := l.conn.Write(bytes.Join([][]byte{frameOf(kindData, []byte("fine")), frameOf(kindPing, nil), c.bytes}, nil)); err != nil {
			t.Fatal(err)
		}
		if pk := ms[0].packet(t); string(pk.Body) != "fine" {
			t.Errorf("%s: got %q, loss %v", name, pk.Body, pk.Lost)
		}
		if pk := ms[0].packet(t); pk.Lost == nil || !strings.Contains(pk.Lost.Error(), c.want) {
			t.Errorf("%s: got %q, loss %v; want %q", name, pk.Body, pk.Lost, c.want)
		}
	}
}

// TestTampered: a byte changed on the way ends the link, and is not delivered.
func TestTampered(t *testing.T) {
	ms := join(t, 2, Config{})
	l := insider(t, ms[0], ms[1].keys)
	l.wire.Conn = flipper{l.wire.Conn}
	if _, err := l.conn.Write(frameOf(kindData, []byte("pay 10"))); err != nil {
		t.Fatal(err)
	}
	if pk := ms[0].packet(t); pk.Lost == nil {
		t.Errorf("a changed message was delivered: %q", pk.Body)
	}
}

// flipper changes the last bit of what is written.
type flipper struct{ net.Conn }

func (f flipper) Write(b []byte) (int, error) {
	b = bytes.Clone(b)
	b[len(b)-1] ^= 1
	return f.Conn.Write(b)
}

// TestSecondConnection: a peer that has a link does not get another.
func TestSecondConnection(t *testing.T) {
	ms := join(t, 2, Config{})
	greet(t, ms[0], ms[1])
	conn := knock(t, ms[0])
	if err := ms[1].keys.answer(conn, 0); err != nil {
		t.Fatal(err)
	}
	cfg, err := ms[1].keys.config(0)
	if err != nil {
		t.Fatal(err)
	}
	tc := tls.Client(conn, cfg)
	if k, _, err := readFrame(tc); err != nil || k != kindBusy {
		t.Errorf("verdict %d, %v; want busy (%d)", k, err, kindBusy)
	}
	greet(t, ms[0], ms[1])
}

// TestTwoSecrets: ranks that do not have the same secret do not connect.
func TestTwoSecrets(t *testing.T) {
	ls, cards := listen(t, 2, Config{ConnectTimeout: 300 * time.Millisecond})
	a, b := joinOne(t, ls[0], 0, cards, [32]byte{1}), joinOne(t, ls[1], 1, cards, [32]byte{2})
	a.Send(1, []byte("secret"))
	b.Send(0, []byte("secret"))
	for _, m := range []*Mesh{a, b} {
		if pk := m.packet(t); pk.Lost == nil || !strings.Contains(pk.Lost.Error(), "hello") {
			t.Errorf("rank %d: %d bytes, loss %v; want a loss because of the hello", m.rank, len(pk.Body), pk.Lost)
		}
	}
}

// TestGoodbyeBehindFullPackets: what a peer sent before its end is delivered,
// and its goodbye counts, even if this rank has failed to write to it by then.
func TestGoodbyeBehindFullPackets(t *testing.T) {
	ms := join(t, 2, Config{})
	l := insider(t, ms[0], ms[1].keys)
	// More than TLS reads ahead, less than a socket holds: the rest must still
	// be read from the kernel after the peer's end.
	const count = 10 * room
	said := strings.Repeat("keep me ", 5)
	var all []byte
	for range count {
		all = append(all, frameOf(kindData, []byte(said))...)
	}
	if _, err := l.conn.Write(append(all, frameOf(kindBye, nil)...)); err != nil {
		t.Fatal(err)
	}
	ours := ms[0].peers[1].link
	for !ours.paused.Load() { // Packets is full
		<-time.After(time.Millisecond)
	}
	_ = l.wire.Close()
	for ours.broken.Load() == nil { // until a write fails
		ms[0].Send(1, make([]byte, 100_000))
		<-time.After(time.Millisecond)
	}
	for n := range count {
		if pk := ms[0].packet(t); string(pk.Body) != said {
			t.Fatalf("message %d: %q, loss %v", n, pk.Body, pk.Lost)
		}
	}
	if pk := ms[0].packet(t); !errors.Is(pk.Lost, circle.ErrClosed) {
		t.Errorf("loss %v, want %v", pk.Lost, circle.ErrClosed)
	}
}
