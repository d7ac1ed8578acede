package circletest

import (
	"encoding/binary"
	"errors"
	"sync"
	"testing"
	"time"

	"gdcp/circle"
)

// meet has every pair exchange a message each way.
func (b *bench) meet() {
	b.t.Helper()
	b.each(func(from int, tr circle.Transport) {
		for to := range b.size() {
			if to != from {
				tr.Send(to, []byte("hello"))
			}
		}
	})
	b.each(func(to int, _ circle.Transport) {
		for range b.size() - 1 {
			b.message(to)
		}
	})
	if b.t.Failed() {
		b.t.FailNow()
	}
}

// loss takes a rank's next packet, which must be a loss.
func (b *bench) loss(rank int) (from int, why error) {
	b.t.Helper()
	pk, ok := b.next(rank)
	if ok && pk.Lost == nil {
		b.t.Errorf("rank %d: a message of %d bytes from rank %d; wanted a loss", rank, len(pk.Body), pk.From)
	}
	return pk.From, pk.Lost
}

// noMore closes a rank and checks that nothing had come after what was
// received of it.
func (b *bench) noMore(rank int) {
	b.t.Helper()
	_ = b.Transports[rank].Close()
	for _, pk := range b.rest(rank) {
		b.t.Errorf("rank %d: one packet too many: from rank %d, %d bytes, loss %v", rank, pk.From, len(pk.Body), pk.Lost)
	}
}

func testClose(t *testing.T, b *bench) {
	b.meet()
	if err := b.Transports[0].Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := b.Transports[0].Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
	for _, pk := range b.rest(0) {
		t.Errorf("the rank that closed got a packet from rank %d: loss %v", pk.From, pk.Lost)
	}
	b.Transports[0].Send(1, []byte("too late"))
	for r := 1; r < b.size(); r++ {
		if from, why := b.loss(r); from != 0 || !errors.Is(why, circle.ErrClosed) {
			t.Errorf("rank %d: lost rank %d: %v; want rank 0: %v", r, from, why, circle.ErrClosed)
		}
		b.Transports[r].Send(0, []byte("to nobody"))
		if n := b.Transports[r].Backlog(0); n != 0 {
			t.Errorf("rank %d: a backlog of %d bytes to a rank that is gone", r, n)
		}
	}
	for r := b.size() - 1; r > 0; r-- {
		_ = b.Transports[r].Close()
		for _, pk := range b.rest(r) {
			if pk.From == 0 || pk.Lost == nil {
				t.Errorf("rank %d: one packet too many: from rank %d, %d bytes, loss %v", r, pk.From, len(pk.Body), pk.Lost)
			}
		}
	}
}

func testCloseUnused(t *testing.T, b *bench) {
	start := time.Now()
	for r, tr := range b.Transports {
		if err := tr.Close(); err != nil {
			t.Errorf("rank %d: Close: %v", r, err)
		}
		if r+1 < b.size() {
			tr.Send(r+1, []byte("too late"))
		}
		if rest := b.rest(r); len(rest) > 0 {
			t.Errorf("rank %d: %d packets from nowhere", r, len(rest))
		}
	}
	if took := time.Since(start); took > patience/10 {
		t.Errorf("closing unused transports took %v", took)
	}
}

// testCloseFlushes closes rank 0 right behind many messages, before it is
// connected to anybody. All must arrive, and then the goodbye.
func testCloseFlushes(t *testing.T, b *bench) {
	const count, size = 100, 50_000
	for n := range count {
		for to := 1; to < b.size(); to++ {
			b.Transports[0].Send(to, binary.BigEndian.AppendUint32(make([]byte, size), uint32(n)))
		}
	}
	var closing sync.WaitGroup
	closing.Go(func() {
		if err := b.Transports[0].Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	for r := 1; r < b.size(); r++ {
		for n := range count {
			pk, ok := b.message(r)
			if !ok {
				return
			}
			if got := binary.BigEndian.Uint32(pk.Body[size:]); got != uint32(n) {
				t.Fatalf("rank %d: message %d came as number %d", r, got, n)
			}
		}
		if _, why := b.loss(r); !errors.Is(why, circle.ErrClosed) {
			t.Errorf("rank %d: lost rank 0: %v; want %v", r, why, circle.ErrClosed)
		}
	}
	closing.Wait()
}

// testCloseDeaf closes a rank whose peer does not receive what is queued.
func testCloseDeaf(t *testing.T, b *bench) {
	body := make([]byte, circle.MaxMessage)
	for range 300 {
		b.Transports[0].Send(1, body)
	}
	start := time.Now()
	_ = b.Transports[0].Close() // an error is right here, if the transport knows one
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("Close waited %v for a peer that does not receive", took)
	}
}

func testCloseAll(t *testing.T, b *bench) {
	b.meet()
	b.each(func(rank int, tr circle.Transport) {
		start := time.Now()
		if err := tr.Close(); err != nil {
			t.Errorf("rank %d: Close: %v", rank, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("rank %d: Close took %v", rank, took)
		}
	})
	for r := range b.size() {
		seen := make(map[int]bool)
		for _, pk := range b.rest(r) {
			if !errors.Is(pk.Lost, circle.ErrClosed) || seen[pk.From] {
				t.Errorf("rank %d: after Close: from rank %d, %d bytes, loss %v", r, pk.From, len(pk.Body), pk.Lost)
			}
			seen[pk.From] = true
		}
	}
}

// testCloseBurst closes rank 0 while the others send to it and it to them.
// They must see a whole number of its messages, in order, and one goodbye.
func testCloseBurst(t *testing.T, b *bench) {
	stop := make(chan struct{})
	var senders sync.WaitGroup
	for r := 1; r < b.size(); r++ {
		senders.Go(func() { b.keepSending(r, 0, stop) })
		senders.Go(func() { b.keepSending(0, r, stop) })
	}
	var receivers sync.WaitGroup
	for r := 1; r < b.size(); r++ {
		receivers.Go(func() {
			if why := b.countUntilLost(t, r, 0); why != nil && !errors.Is(why, circle.ErrClosed) {
				t.Errorf("rank %d: lost rank 0: %v; want %v", r, why, circle.ErrClosed)
			}
		})
	}
	for range 500 {
		if _, ok := b.message(0); !ok {
			break
		}
	}
	_ = b.Transports[0].Close()
	receivers.Wait()
	close(stop)
	senders.Wait()
	b.noMoreFrom(t, 0)
}

// keepSending sends numbered messages until told to stop, without letting the
// queue grow for ever.
func (b *bench) keepSending(from, to int, stop <-chan struct{}) {
	tr := b.Transports[from]
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for n := uint32(0); ; {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if tr.Backlog(to) < 1<<16 {
			tr.Send(to, binary.BigEndian.AppendUint32(nil, n))
			n++
		}
	}
}

// countUntilLost receives until from is lost, and checks that its messages
// are numbered without a gap. It returns nil if something else was wrong.
func (b *bench) countUntilLost(t *testing.T, rank, from int) error {
	t.Helper()
	for n := uint32(0); ; {
		pk, ok := b.next(rank)
		switch {
		case !ok:
			return nil
		case pk.From != from:
		case pk.Lost != nil:
			return pk.Lost
		default:
			if got := binary.BigEndian.Uint32(pk.Body); got != n {
				t.Errorf("rank %d: message %d of rank %d came as number %d", rank, got, from, n)
				return nil
			}
			n++
		}
	}
}

// noMoreFrom closes all ranks and checks that the others have nothing left
// from one that they lost.
func (b *bench) noMoreFrom(t *testing.T, lost int) {
	t.Helper()
	b.closeAll()
	for r := range b.size() {
		if r == lost {
			continue
		}
		for _, pk := range b.rest(r) {
			if pk.From == lost {
				t.Errorf("rank %d: after the loss of rank %d: %d bytes, loss %v", r, lost, len(pk.Body), pk.Lost)
			}
		}
	}
}
