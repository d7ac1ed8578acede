package launch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// dialogue runs both parts over a pipe that wire may look at or spoil.
func dialogue(t *testing.T, secretC, secretS string, c claim, judge func(claim) answer) (client, server *channel, errC, errS error) {
	t.Helper()
	a, b := net.Pipe()
	t.Cleanup(func() { a.Close(); b.Close() })
	deadline := time.Now().Add(10 * time.Second)
	a.SetDeadline(deadline)
	b.SetDeadline(deadline)
	var group sync.WaitGroup
	group.Go(func() {
		if server, _, errS = open(b, []byte(secretS), judge); errS != nil {
			b.Close()
		}
	})
	if client, errC = knock(a, []byte(secretC), c); errC != nil {
		a.Close()
	}
	group.Wait()
	return client, server, errC, errS
}

func welcomeAll(claim) answer { return welcome }

func TestDialogue(t *testing.T) {
	claimed := claim{rank: 3, size: 4, job: "slurm-1.0"}
	var seen claim
	client, server, errC, errS := dialogue(t, "same", "same", claimed, func(c claim) answer { seen = c; return welcome })
	if errC != nil || errS != nil || seen != claimed {
		t.Fatalf("%v, %v, %+v", errC, errS, seen)
	}
	for i := range 3 { // both ways, more than once: the numbers count
		there, back := fmt.Sprintf("there %d", i), fmt.Sprintf("back %d", i)
		go client.send([]byte(there))
		if got, err := server.receive(100); err != nil || string(got) != there {
			t.Fatalf("%q, %v", got, err)
		}
		go server.send([]byte(back))
		if got, err := client.receive(100); err != nil || string(got) != back {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

func TestDialogueRefusals(t *testing.T) {
	for want, judge := range map[string]func(claim) answer{
		"GDCP_SIZE": func(claim) answer { return otherSize },
		"job":       func(claim) answer { return otherJob },
		"GDCP_RANK": func(claim) answer { return rankTwice },
	} {
		_, _, errC, errS := dialogue(t, "same", "same", claim{size: 1}, judge)
		_, refused := errors.AsType[refusedError](errC)
		if !refused || !strings.Contains(errC.Error(), want) || errS == nil {
			t.Errorf("%s: %v, %v", want, errC, errS)
		}
	}
	_, _, errC, errS := dialogue(t, "one", "another", claim{size: 1}, welcomeAll)
	if errC == nil || !strings.Contains(errC.Error(), "GDCP_SECRET_FILE") || errS == nil {
		t.Errorf("another secret: %v, %v", errC, errS)
	}
}

// A server that does not know the secret must not get the record, even if it
// welcomes everybody.
func TestFakeRankZero(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	go func() {
		defer b.Close()
		io.ReadFull(b, make([]byte, len(protocol)+nonceLength))
		b.Write(nonce())
		readFrame(b, maxClaim)
		b.Write(append([]byte{byte(welcome)}, nonce()...))
	}()
	if _, err := knock(a, []byte("secret"), claim{size: 1}); err == nil || !strings.Contains(err.Error(), "does not know") {
		t.Errorf("got %v", err)
	}
}

// recorder notes what goes over a connection.
type recorder struct {
	net.Conn
	mu  sync.Mutex
	all bytes.Buffer
}

func (r *recorder) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.note(b[:n])
	return n, err
}

func (r *recorder) Write(b []byte) (int, error) {
	r.note(b)
	return r.Conn.Write(b)
}

func (r *recorder) note(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all.Write(b)
}

func TestNothingSecretInTheClear(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	wire := &recorder{Conn: a}
	fileSecret, jobSecret := []byte("the file's secret"), []byte("the job's secret")
	var group sync.WaitGroup
	group.Go(func() {
		defer b.Close()
		c, _, err := open(b, fileSecret, welcomeAll)
		if err != nil {
			t.Error(err)
			return
		}
		if err := c.send(jobSecret); err != nil {
			t.Error(err)
		}
	})
	c, err := knock(wire, fileSecret, claim{size: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.receive(100); err != nil || !bytes.Equal(got, jobSecret) {
		t.Fatalf("%q, %v", got, err)
	}
	group.Wait()
	for _, s := range [][]byte{fileSecret, jobSecret} {
		if bytes.Contains(wire.all.Bytes(), s) {
			t.Errorf("%q went over the wire", s)
		}
	}
}

// What one client has sent is worth nothing to another that sends it again.
func TestReplayIsRefused(t *testing.T) {
	a, b := net.Pipe()
	wire := &recorder{Conn: a}
	go func() {
		defer b.Close()
		open(b, []byte("secret"), welcomeAll)
	}()
	if _, err := knock(wire, []byte("secret"), claim{size: 1}); err != nil {
		t.Fatal(err)
	}
	a.Close()
	all := wire.all.Bytes()
	hello := all[:len(protocol)+nonceLength]
	proof := all[len(hello)+nonceLength:][:4+9+32]

	c, d := net.Pipe()
	defer c.Close()
	errs := make(chan error, 1)
	go func() {
		_, _, err := open(d, []byte("secret"), welcomeAll)
		d.Close()
		errs <- err
	}()
	c.Write(hello)
	io.ReadFull(c, make([]byte, nonceLength))
	go c.Write(proof)
	said := make([]byte, 1)
	io.ReadFull(c, said)
	if err := <-errs; err == nil || answer(said[0]) != strangerAnswer {
		t.Errorf("the same words again: answer %d, %v", said[0], err)
	}
}

func TestTampering(t *testing.T) {
	key := bytes.Repeat([]byte{1}, 32)
	s := newSeal(key)
	sealed := s.Seal(nil, s.nonce(), []byte("message"), nil)
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		a, b := net.Pipe()
		go func() { writeFrame(a, bad); a.Close() }()
		if _, err := (&channel{b, newSeal(key), seal{}}).receive(100); err == nil {
			t.Errorf("byte %d changed, and nobody noticed", i)
		}
		b.Close()
	}
}

func TestStrangersDoNotDisturb(t *testing.T) {
	p := port(t)
	stop := make(chan struct{})
	var strangers sync.WaitGroup
	for _, say := range []string{"", "GET / HTTP/1.1\r\n\r\n", protocol + strings.Repeat("n", nonceLength) + "\xff\xff\xff\xff", protocol + strings.Repeat("x", 4096)} {
		strangers.Go(func() {
			for {
				conn, err := net.Dial("tcp", p.rendezvous)
				if err == nil {
					io.WriteString(conn, say)
					defer conn.Close() // until the end: a stranger may hold on
				}
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
			}
		})
	}
	start := time.Now()
	wantAllMet(t, joinAll(t.Context(), p, 16, time.Minute, upTo(16)...))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v: strangers are waited for", took)
	}
	close(stop)
	strangers.Wait()
}

func TestWrongSecret(t *testing.T) {
	p := port(t)
	wrong := p
	wrong.secretFile = secretFile(t, "something that is not the secret")
	var host outcome
	var group sync.WaitGroup
	group.Go(func() { host.job, host.err = Join(t.Context(), p.env(0, 2, 500*time.Millisecond), nil) })
	_, err := Join(t.Context(), wrong.env(1, 2, 500*time.Millisecond), nil)
	group.Wait()
	if err == nil || !strings.Contains(err.Error(), "GDCP_SECRET_FILE") {
		t.Errorf("the one with the wrong secret: %v", err)
	}
	missing, ok := errors.AsType[*MissingError](host.err)
	if !ok || ranges(missing.Ranks) != "1" || !strings.Contains(host.err.Error(), "connections that came to nothing: 1") {
		t.Errorf("rank 0: %v", host.err)
	}
}

func TestRankThatGoesAway(t *testing.T) {
	p := port(t)
	secret := []byte("the secret of this test, 32 bytes")
	var group sync.WaitGroup
	var got []outcome
	group.Go(func() { got = joinAll(t.Context(), p, 4, time.Minute, 0, 1) })
	m := meeting{Situation: Situation{Rank: 2, Size: 4, Timeout: 10 * time.Second}}
	c, err := knockUntil(t.Context(), m, p.rendezvous, secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.send(record{}.encode()); err != nil {
		t.Fatal(err)
	}
	c.Close()
	group.Wait()
	for i, o := range got {
		if o.err == nil || !strings.Contains(o.err.Error(), "rank 2") || !strings.Contains(o.err.Error(), "went away") {
			t.Errorf("rank %d: %v", i, o.err)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, 'a', 'b'})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		body, err := readFrame(bytes.NewReader(b), 100)
		if err == nil && (len(body) > 100 || !bytes.HasPrefix(b[4:], body)) {
			t.Errorf("%x: %x", b, body)
		}
	})
}

func FuzzDecodeClaim(f *testing.F) {
	f.Add(claim{rank: 1, size: 2, job: "j"}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeClaim(b)
		if err == nil && (!bytes.Equal(c.encode(), b) || c.rank < 0 || c.rank >= c.size) {
			t.Errorf("%x: %+v", b, c)
		}
	})
}

// FuzzOpen is a stranger that says anything to rank 0.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(protocol + strings.Repeat("n", nonceLength) + "\x00\x00\x00\x09" + strings.Repeat("c", 100)))
	f.Fuzz(func(t *testing.T, says []byte) {
		conn := &mute{Reader: bytes.NewReader(says)}
		if _, _, err := open(conn, []byte("secret"), welcomeAll); err == nil {
			t.Error("a stranger was let in")
		}
	})
}

// mute is a connection that says what it has, and hears nothing.
type mute struct {
	net.Conn
	*bytes.Reader
}

func (m *mute) Read(b []byte) (int, error)  { return m.Reader.Read(b) }
func (m *mute) Write(b []byte) (int, error) { return len(b), nil }

func FuzzDecodeMinutes(f *testing.F) {
	token := strings.Repeat("0f", tokenLength)
	f.Add(minutes{[]string{token}, verdict{blobs: [][]byte{[]byte("a"), []byte("b")}}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeMinutes(b, 2)
		if err == nil && len(m.verdict.failure) <= 512 && !bytes.Equal(m.encode(), b) {
			t.Errorf("%x is not what it encodes to: %+v", b, m)
		}
	})
}

func FuzzParseRankFile(f *testing.F) {
	const number = "00112233445566778899aabbccddeeff"
	f.Add(rankFile(number, 3, number))
	f.Add("gdcp-" + number + "-verdict.0011223344556677")
	f.Fuzz(func(t *testing.T, name string) {
		rank, token, ok := parseRankFile(number, name)
		if ok && (rank < 0 || !isToken(token) || !left(name)) {
			t.Errorf("%q: rank %d, token %q", name, rank, token)
		}
	})
}
