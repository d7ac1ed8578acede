package circletest

import (
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"gdcp/circle"
)

// testLoss kills the last rank. What had arrived of it is delivered, then the
// loss, once; the others are not disturbed.
func testLoss(t *testing.T, b *bench) {
	b.meet()
	victim := b.size() - 1
	const count = 50
	for n := range count {
		b.Transports[victim].Send(0, binary.BigEndian.AppendUint32(nil, uint32(n)))
	}
	b.eventually("all is sent", func() bool { return b.Transports[victim].Backlog(0) == 0 })
	if b.seed%2 == 1 { // kill it with messages in flight, or after they have come
		b.Transports[victim].Send(0, binary.BigEndian.AppendUint32(nil, count))
	}
	b.Kill(victim)
	n := uint32(0)
	for ; ; n++ {
		pk, ok := b.next(0)
		if !ok {
			return
		}
		if pk.Lost != nil {
			b.checkLoss(t, 0, pk, victim)
			break
		}
		if got := binary.BigEndian.Uint32(pk.Body); got != n {
			t.Errorf("message %d came as number %d", got, n)
		}
	}
	if n < count {
		t.Errorf("%d messages were sent and none queued, %d arrived before the loss", count, n)
	}
	b.survivorsTalk(t, victim)
}

func (b *bench) checkLoss(t *testing.T, rank int, pk circle.Packet, victim int) {
	t.Helper()
	if pk.From != victim || pk.Lost == nil || errors.Is(pk.Lost, circle.ErrClosed) {
		t.Errorf("rank %d: got the loss of rank %d: %v; want rank %d, and not a goodbye", rank, pk.From, pk.Lost, victim)
	}
}

// survivorsTalk checks that rank 0 has heard of the loss, that the others hear
// of it once, and that they can talk and send to the dead.
func (b *bench) survivorsTalk(t *testing.T, victim int) {
	t.Helper()
	for r := 1; r < b.size(); r++ {
		if r != victim {
			pk, _ := b.next(r)
			b.checkLoss(t, r, pk, victim)
		}
	}
	for r := range b.size() {
		for to := range b.size() {
			if r != to && r != victim {
				b.Transports[r].Send(to, []byte("still there?"))
			}
		}
	}
	for r := range b.size() {
		if r == victim {
			continue
		}
		for range b.size() - 2 {
			b.message(r)
		}
		if n := b.Transports[r].Backlog(victim); n != 0 {
			t.Errorf("rank %d: a backlog of %d bytes to the dead", r, n)
		}
	}
	b.noMore(0)
}

// testLossStorm kills the last rank while all send to all.
func testLossStorm(t *testing.T, b *bench) {
	victim := b.size() - 1
	stop := make(chan struct{})
	var senders, receivers sync.WaitGroup
	for from := range b.size() {
		for to := range b.size() {
			if from != to {
				senders.Go(func() { b.keepSending(from, to, stop) })
			}
		}
	}
	for r := range victim {
		receivers.Go(func() {
			if why := b.countUntilLost(t, r, victim); errors.Is(why, circle.ErrClosed) {
				t.Errorf("rank %d: a killed rank has said goodbye", r)
			}
		})
	}
	for range 200 {
		if _, ok := b.message(victim); !ok {
			break
		}
	}
	b.Kill(victim)
	receivers.Wait()
	close(stop)
	senders.Wait()
	b.noMoreFrom(t, victim)
}

// testLossUnmet sends to a rank that died before anybody met it.
func testLossUnmet(t *testing.T, b *bench) {
	victim := b.size() - 1
	b.Kill(victim)
	for r := range victim {
		for range 3 {
			b.Transports[r].Send(victim, []byte("is there anybody?"))
		}
		pk, _ := b.next(r)
		b.checkLoss(t, r, pk, victim)
		b.Transports[r].Send(victim, []byte("no"))
		if n := b.Transports[r].Backlog(victim); n != 0 {
			t.Errorf("rank %d: a backlog of %d bytes to the dead", r, n)
		}
	}
	b.noMoreFrom(t, victim)
}

// testLossAll leaves rank 0 alone.
func testLossAll(t *testing.T, b *bench) {
	b.meet()
	var killers sync.WaitGroup
	for r := 1; r < b.size(); r++ {
		killers.Go(func() { b.Kill(r) })
	}
	seen := make(map[int]bool)
	for range b.size() - 1 {
		from, why := b.loss(0)
		if seen[from] || why == nil || errors.Is(why, circle.ErrClosed) {
			t.Errorf("loss of rank %d: %v; want the loss of every other rank once", from, why)
		}
		seen[from] = true
	}
	killers.Wait()
	b.noMore(0)
}
