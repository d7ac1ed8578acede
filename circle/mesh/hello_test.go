package mesh

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"
)

func keysOf(t testing.TB, secret byte, rank int) *keys {
	t.Helper()
	k, err := newKeys([32]byte{secret}, rank)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestHelloChecked(t *testing.T) {
	const size = 4
	a, d := keysOf(t, 1, 0), keysOf(t, 1, 3)
	c := newChallenge()
	good := d.makeHello(c, 3, 0)
	if from, err := a.checkHello(c, good, size); err != nil || from != 3 {
		t.Fatalf("from %d, %v", from, err)
	}
	for name, h := range map[string][helloSize]byte{
		"another secret":    keysOf(t, 2, 3).makeHello(c, 3, 0),
		"another challenge": d.makeHello(newChallenge(), 3, 0),
		"another rank":      d.makeHello(c, 3, 1),
		"oneself":           d.makeHello(c, 0, 0),
		"beyond the job":    d.makeHello(c, size, 0),
		"negative":          d.makeHello(c, -1, 0),
		"nothing":           {},
	} {
		if from, err := a.checkHello(c, h, size); !errors.Is(err, errHello) {
			t.Errorf("%s: taken as rank %d, %v", name, from, err)
		}
	}
	for bit := range 8 * helloSize {
		h := good
		h[bit/8] ^= 1 << (bit % 8)
		if _, err := a.checkHello(c, h, size); err == nil {
			t.Errorf("a hello with bit %d flipped was taken", bit)
		}
	}
}

// TestHelloMagic: a hello of another version, signed with the right key.
func TestHelloMagic(t *testing.T) {
	k, c := keysOf(t, 1, 0), newChallenge()
	said := append([]byte("gdcpmsh2"), 0, 0, 0, 1, 0, 0, 0, 0)
	h := [helloSize]byte(append(said, k.sum(c, said)...))
	if _, err := k.checkHello(c, h, 2); err == nil {
		t.Error("a hello of another version was taken")
	}
}

func FuzzHello(f *testing.F) {
	k, c := keysOf(f, 1, 0), [challengeSize]byte{}
	good := k.makeHello(c, 1, 0)
	f.Add(good[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		var h [helloSize]byte
		copy(h[:], b)
		if _, err := k.checkHello(c, h, 2); err == nil && h != good {
			t.Errorf("%x was taken", b)
		}
	})
}

// pipe reads from one buffer and writes to another.
type pipe struct {
	io.Reader
	io.Writer
}

// FuzzAnswer: whatever answers a dial, it gets a hello at most, and only if it
// is a mesh.
func FuzzAnswer(f *testing.F) {
	k := keysOf(f, 1, 0)
	c := newChallenge()
	f.Add(c[:])
	f.Add([]byte("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var out bytes.Buffer
		err := k.answer(pipe{bytes.NewReader(b), &out}, 1)
		isMesh := len(b) >= challengeSize && string(b[:len(magic)]) == magic
		if isMesh != (err == nil) || out.Len() > helloSize || (out.Len() > 0) != isMesh {
			t.Errorf("answered %q with %d bytes, %v", b, out.Len(), err)
		}
	})
}

// TestKeys: every rank has its own pair, the same wherever it is derived.
func TestKeys(t *testing.T) {
	a, b, other := keysOf(t, 1, 0), keysOf(t, 1, 1), keysOf(t, 2, 0)
	pair := func(k *keys, rank int) [32]byte {
		p, err := k.pair(rank)
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(p)
	}
	if pair(a, 1) != pair(b, 1) {
		t.Error("two ranks derive different keys for rank 1")
	}
	if pair(a, 0) == pair(a, 1) || pair(a, 0) == pair(other, 0) || bytes.Equal(a.hello, other.hello) {
		t.Error("ranks or jobs share a key")
	}
	if binary.BigEndian.Uint64(a.hello) == 0 {
		t.Error("the key of the hello begins with zeros")
	}
}

func TestLobby(t *testing.T) {
	l := newLobby(4, 8*time.Second)
	done := make(chan struct{})
	for i, want := range []time.Duration{8, 8, 1, 1} {
		if stay, ok := l.enter(done); !ok || stay != want*time.Second {
			t.Errorf("stranger %d may stay %v, %v; want %v s", i, stay, ok, int(want))
		}
	}
	close(done)
	if _, ok := l.enter(done); ok {
		t.Error("a fifth stranger was let into a lobby of four")
	}
	l.leave()
	if len(l.places) != 3 {
		t.Errorf("%d places taken, want 3", len(l.places))
	}
}
