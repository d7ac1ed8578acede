package circletest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"gdcp/circle"
)

// letter makes the n-th message from one rank to another: its length and its
// bytes are random, and the receiver can make it again to compare. It is
// short, but for the first of each pair, which is as long as can be, and the
// second, which is empty.
func letter(seed uint64, from, to, n int) []byte {
	rng := rand.New(rand.NewPCG(seed<<32|uint64(n), uint64(from)<<32|uint64(to)))
	size := rng.IntN(200)
	switch {
	case n == 0:
		size = circle.MaxMessage
	case n == 1:
		size = 0
	case n%50 == 0:
		size = rng.IntN(1 << 18)
	}
	b := make([]byte, size)
	for i := 0; i+8 <= size; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], rng.Uint64())
	}
	return b
}

func testRanks(t *testing.T, b *bench) {
	for r, tr := range b.Transports {
		if tr.Rank() != r || tr.Size() != b.size() {
			t.Errorf("rank %d of %d calls itself rank %d of %d", r, b.size(), tr.Rank(), tr.Size())
		}
	}
}

// testOrder has all send letters to all while all receive.
func testOrder(t *testing.T, b *bench) {
	const letters = 400
	var senders sync.WaitGroup
	senders.Go(func() {
		b.each(func(from int, tr circle.Transport) {
			for n := range letters {
				for to := range b.size() {
					if to != from {
						tr.Send(to, letter(b.seed, from, to, n))
					}
				}
			}
		})
	})
	b.each(func(to int, _ circle.Transport) {
		count := make([]int, b.size())
		for range letters * (b.size() - 1) {
			pk, ok := b.message(to)
			if !ok {
				return
			}
			if want := letter(b.seed, pk.From, to, count[pk.From]); !bytes.Equal(pk.Body, want) {
				t.Errorf("message %d from rank %d to rank %d: got %d bytes, which are not the %d that were sent",
					count[pk.From], pk.From, to, len(pk.Body), len(want))
				return
			}
			count[pk.From]++
		}
	})
	senders.Wait()
}

// testManySenders has many goroutines of one rank send at once. Each one's
// messages must stay in order.
func testManySenders(t *testing.T, b *bench) {
	const senders, each = 16, 500
	var group sync.WaitGroup
	for s := range senders {
		group.Go(func() {
			for n := range each {
				b.Transports[0].Send(1, binary.BigEndian.AppendUint32([]byte{byte(s)}, uint32(n)))
			}
		})
	}
	var count [senders]uint32
	for range senders * each {
		pk, ok := b.message(1)
		if !ok {
			break
		}
		s, n := pk.Body[0], binary.BigEndian.Uint32(pk.Body[1:])
		if n != count[s] {
			t.Fatalf("sender %d: message %d came as number %d", s, n, count[s])
		}
		count[s]++
	}
	group.Wait()
}

// testBurst has all send to all before anybody receives: Send must not block.
func testBurst(t *testing.T, b *bench) {
	const count = 1000
	body := func(n int) []byte {
		b := make([]byte, 4+n%2000)
		binary.BigEndian.PutUint32(b, uint32(n))
		return b
	}
	b.each(func(from int, tr circle.Transport) {
		for n := range count {
			for to := range b.size() {
				if to != from {
					tr.Send(to, body(n))
				}
			}
		}
	})
	b.each(func(to int, _ circle.Transport) { b.expectBurst(t, to, count, body) })
}

func (b *bench) expectBurst(t *testing.T, to, count int, body func(n int) []byte) {
	got := make([]int, b.size())
	for range count * (b.size() - 1) {
		pk, ok := b.message(to)
		if !ok {
			return
		}
		if !bytes.Equal(pk.Body, body(got[pk.From])) {
			t.Errorf("message %d from rank %d to rank %d is not what was sent", got[pk.From], pk.From, to)
			return
		}
		got[pk.From]++
	}
}

// testLong has more long messages under way both ways than any buffer in
// between holds.
func testLong(t *testing.T, b *bench) {
	const count = 24
	long := make([]byte, circle.MaxMessage)
	b.each(func(from int, tr circle.Transport) {
		for range count {
			for to := range b.size() {
				if to != from {
					tr.Send(to, long) // only read, by all
				}
			}
		}
	})
	b.each(func(to int, _ circle.Transport) { b.expectBurst(t, to, count, func(int) []byte { return long }) })
}

// testFirstUse has every pair use its connection for the first time from both
// ends at once.
func testFirstUse(t *testing.T, b *bench) {
	start := make(chan struct{})
	var senders sync.WaitGroup
	for from, tr := range b.Transports {
		for to := range b.size() {
			if to == from {
				continue
			}
			senders.Go(func() {
				<-start
				tr.Send(to, fmt.Append(nil, "first ", from))
				tr.Send(to, fmt.Append(nil, "second ", from))
			})
		}
	}
	close(start)
	senders.Wait()
	b.each(func(to int, _ circle.Transport) {
		seen := make([]int, b.size())
		for range 2 * (b.size() - 1) {
			pk, ok := b.message(to)
			if !ok {
				return
			}
			want := [2]string{"first ", "second "}[seen[pk.From]%2] + fmt.Sprint(pk.From)
			if seen[pk.From]++; string(pk.Body) != want {
				t.Errorf("rank %d got %q from rank %d, want %q", to, pk.Body, pk.From, want)
			}
		}
	})
}

// testBacklog sends more than fits on the way to a rank that does not receive.
func testBacklog(t *testing.T, b *bench) {
	const count, size = 256, 256 << 10
	tr := b.Transports[0]
	if n := tr.Backlog(1); n != 0 {
		t.Errorf("a backlog of %d bytes before anything was sent", n)
	}
	body := make([]byte, size)
	for range count {
		tr.Send(1, body)
	}
	if n := tr.Backlog(1); n < count*size/8 || n > count*size {
		t.Errorf("a backlog of %d bytes, of %d that were sent and not received", n, count*size)
	}
	for range count {
		if _, ok := b.message(1); !ok {
			return
		}
	}
	b.eventually("the backlog goes once all is received", func() bool { return tr.Backlog(1) == 0 })
}

func testMisuse(t *testing.T, b *bench) {
	tr := b.Transports[0]
	for name, send := range map[string]func(){
		"a message beyond MaxMessage": func() { tr.Send(1, make([]byte, circle.MaxMessage+1)) },
		"a message to oneself":        func() { tr.Send(0, nil) },
		"a message to no rank":        func() { tr.Send(2, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s does not panic", name)
				}
			}()
			send()
		}()
	}
}
