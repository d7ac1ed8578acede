package inproc

import (
	"slices"
	"sync"

	"gdcp/circle"
)

// room is how many packets the channel holds before the pump is needed.
const room = 128

// inbox is where a rank's packets wait.
type inbox struct {
	packets chan circle.Packet
	done    chan struct{}  // closed at the rank's end
	pumping sync.WaitGroup // the pump

	// mu guards what follows.
	mu    sync.Mutex
	why   error // of the rank's end; nil before
	queue []circle.Packet
	bytes []int  // of the queued messages, by sender
	met   []bool // by rank: it has sent a message to this one
	lost  []bool // by rank: its loss has been put in, nothing more is taken
}

func newInbox(size int) *inbox {
	return &inbox{
		packets: make(chan circle.Packet, room),
		done:    make(chan struct{}),
		bytes:   make([]int, size),
		met:     make([]bool, size),
		lost:    make([]bool, size),
	}
}

// put takes a packet. It returns why this rank has ended, if it has.
func (b *inbox) put(pk circle.Packet) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.why == nil && !b.lost[pk.From] {
		b.add(pk)
	}
	return b.why
}

// putIfMet takes the news of a loss if the lost rank has ever sent a message
// here.
func (b *inbox) putIfMet(pk circle.Packet) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.why == nil && b.met[pk.From] && !b.lost[pk.From] {
		b.add(pk)
	}
}

func (b *inbox) add(pk circle.Packet) {
	b.met[pk.From] = true
	b.lost[pk.From] = pk.Lost != nil
	if len(b.queue) == 0 {
		select {
		case b.packets <- pk:
			return
		default:
			b.pumping.Go(b.pump)
		}
	}
	b.queue = append(b.queue, pk)
	b.bytes[pk.From] += len(pk.Body)
}

// pump moves packets from the queue to the channel until there are none. The
// one that it is waiting with stays in the queue, so that none overtakes it.
func (b *inbox) pump() {
	for pk, ok := b.head(); ok; pk, ok = b.next() {
		select {
		case b.packets <- pk:
		case <-b.done:
			return
		}
	}
}

func (b *inbox) head() (pk circle.Packet, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.why != nil {
		return pk, false
	}
	return b.queue[0], true
}

// next takes the head off, which is in the channel now, and returns the next.
func (b *inbox) next() (pk circle.Packet, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.why != nil {
		return pk, false
	}
	b.bytes[b.queue[0].From] -= len(b.queue[0].Body)
	b.queue[0] = circle.Packet{} // the body is the receiver's now
	b.queue = b.queue[1:]
	if len(b.queue) == 0 {
		b.queue = nil
		return pk, false
	}
	return b.queue[0], true
}

// end closes the inbox. It returns which ranks have sent to it.
func (b *inbox) end(why error) (met []bool, first bool) {
	b.mu.Lock()
	if b.why != nil {
		b.mu.Unlock()
		return nil, false
	}
	b.why, b.queue = why, nil
	clear(b.bytes)
	met = slices.Clone(b.met)
	close(b.done)
	b.mu.Unlock()
	b.pumping.Wait() // nothing is put in any more, so no pump starts
	close(b.packets)
	return met, true
}

func (b *inbox) ended() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why
}

func (b *inbox) waiting(from int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes[from]
}
