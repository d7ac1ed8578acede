package mesh

import (
	"context"
	"sync"
)

// peer is another rank. Its state only goes forward.
type peer struct {
	rank int

	// mu guards what follows. It is never held over I/O.
	mu      sync.Mutex
	state   state
	queue   [][]byte // messages not yet given to a writer
	backlog int      // bytes of messages that are queued or being written
	control []kind   // frames that go before them
	writing bool     // a writer is at work, or has failed
	leaving bool     // Close was called: nothing more is queued, a bye goes last
	link    *link    // while joined

	giveUp    context.CancelFunc // ends this rank's own dial
	committed bool               // that dial has got a connection
	settled   chan struct{}      // closed when the state becomes gone; nil while idle
}

type state int

const (
	idle state = iota
	dialing
	joined
	gone
)

// work is what a change of a peer calls for, to be done without its lock.
type work int

const (
	nothing work = iota
	dialIt
	writeIt
)

// push queues a message.
func (p *peer) push(body []byte) work {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == gone || p.leaving {
		return nothing
	}
	p.queue = append(p.queue, body)
	p.backlog += len(body)
	if p.state == idle {
		p.state = dialing
		p.settled = make(chan struct{})
		return dialIt
	}
	return p.kick()
}

// kick tells whether a writer has to be started. The lock is held.
func (p *peer) kick() work {
	if p.state != joined || p.writing {
		return nothing
	}
	p.writing = true
	return writeIt
}

// ping has a ping sent, unless something is being written anyway.
func (p *peer) ping() work {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.kick()
	if w == writeIt {
		p.control = append(p.control, kindPing)
	}
	return w
}

// take hands a writer all that is to be written; last tells it that this ends
// with the goodbye. Nothing means that the writer is not needed any more. The
// queue that it had before, now written, serves again.
func (p *peer) take(spare [][]byte) (control []kind, queue [][]byte, last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	control, queue = p.control, p.queue
	p.control, p.queue = nil, spare[:0]
	switch {
	case p.state != joined:
		return nil, nil, false
	case p.leaving:
		return control, queue, true
	case len(control)+len(queue) == 0:
		p.writing = false
	}
	return control, queue, false
}

// wrote takes bytes off the backlog.
func (p *peer) wrote(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backlog = max(0, p.backlog-n) // it is 0 already if the peer is gone
}

func (p *peer) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.backlog
}

// started gives a dial the means to be ended. It returns false if that is
// already so.
func (p *peer) started(giveUp context.CancelFunc) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.giveUp = giveUp
	return p.state == dialing
}

// commit is called by a dial that has a connection: from then on, a higher
// rank's dial is told to wait for it. It returns false if the dial has become
// superfluous.
func (p *peer) commit(yes bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.committed = yes
	return p.state == dialing
}

// admit decides on a connection that the peer has dialed, and takes it as the
// link if the verdict is to accept. See the package comment.
func (p *peer) admit(self int, l *link) (kind, work) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.leaving && p.state != dialing:
		return kindBye, nothing
	case p.state == gone:
		return kindGone, nothing
	case p.state == joined, p.state == dialing && p.committed && self < p.rank:
		return kindBusy, nothing
	case p.state == idle:
		p.settled = make(chan struct{})
	}
	p.control = append(p.control, kindAccept)
	return kindAccept, p.join(l)
}

// accepted takes the connection that this rank has dialed as the link.
func (p *peer) accepted(l *link) (work, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != dialing {
		return nothing, false
	}
	return p.join(l), true
}

// join ends this rank's own dial, if there is one.
func (p *peer) join(l *link) work {
	p.state, p.link = joined, l
	if p.giveUp != nil {
		p.giveUp()
		p.giveUp = nil
	}
	if len(p.control)+len(p.queue) == 0 && !p.leaving {
		return nothing
	}
	return p.kick()
}

// part makes the peer gone if it was in the state from. Only the caller that gets true may report the loss: the dial of a peer that
// was dialing, the reader of one that was joined.
func (p *peer) part(from state) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != from {
		return false
	}
	p.end()
	return true
}

// drop makes the peer gone whatever it was, and returns its link if it had one.
func (p *peer) drop() *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == gone {
		return nil
	}
	return p.end()
}

func (p *peer) end() (l *link) {
	l, p.link = p.link, nil
	if p.giveUp != nil {
		p.giveUp()
	}
	if p.settled != nil {
		close(p.settled)
	}
	p.state, p.queue, p.control, p.backlog = gone, nil, nil, 0
	return l
}

// leave is for Close: it takes no more messages. It returns a channel that is
// closed once the peer has been told, or nil if there is nothing to tell.
func (p *peer) leave() (<-chan struct{}, work) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaving = true
	if p.state == idle || p.state == gone {
		return nil, nothing
	}
	return p.settled, p.kick()
}
