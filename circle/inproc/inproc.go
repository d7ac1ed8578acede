package inproc

import (
	"errors"
	"fmt"

	"gdcp/circle"
)

// ErrKilled is why a rank is reported lost that Kill has ended.
var ErrKilled = errors.New("killed")

// World is the ranks of a job.
type World struct {
	ends []*Endpoint
}

// New makes a job of size ranks.
func New(size int) *World {
	w := &World{ends: make([]*Endpoint, size)}
	for r := range w.ends {
		w.ends[r] = &Endpoint{world: w, rank: r, inbox: newInbox(size)}
	}
	return w
}

// Endpoint returns a rank's end.
func (w *World) Endpoint(rank int) *Endpoint { return w.ends[rank] }

// Kill ends a rank as the death of its process would: it is lost to the ranks
// that it has met, with ErrKilled, and hears nothing more. What it sent before
// arrives.
func (w *World) Kill(rank int) { w.ends[rank].end(ErrKilled) }

// Endpoint is a rank's end of the connections with all others. It is a
// circle.Transport.
type Endpoint struct {
	world *World
	rank  int
	inbox *inbox
}

var _ circle.Transport = (*Endpoint)(nil)

// Rank is this rank's number.
func (e *Endpoint) Rank() int { return e.rank }

// Size is the number of ranks.
func (e *Endpoint) Size() int { return len(e.world.ends) }

// Packets delivers what arrives; see circle.Transport.
func (e *Endpoint) Packets() <-chan circle.Packet { return e.inbox.packets }

// Backlog is the number of bytes of messages from this rank to another for
// which there is no room yet in the other's channel.
func (e *Endpoint) Backlog(to int) int { return e.world.ends[to].inbox.waiting(e.rank) }

// Send hands body to the rank to; see circle.Transport.
func (e *Endpoint) Send(to int, body []byte) {
	if to == e.rank || len(body) > circle.MaxMessage {
		panic(fmt.Sprintf("inproc: rank %d sends %d bytes to rank %d", e.rank, len(body), to))
	}
	if e.inbox.ended() != nil {
		return
	}
	other := e.world.ends[to].inbox
	if why := other.put(circle.Packet{From: e.rank, Body: body}); why != nil {
		_ = e.inbox.put(circle.Packet{From: to, Lost: why}) // this end may have ended too by now
	}
	if why := e.inbox.ended(); why != nil { // meanwhile: they may not have met when end looked
		_ = other.put(circle.Packet{From: e.rank, Lost: why})
	}
}

// Close ends the rank; see circle.Transport. What it has sent is with its
// receivers already. It never fails.
func (e *Endpoint) Close() error {
	e.end(circle.ErrClosed)
	return nil
}

func (e *Endpoint) end(why error) {
	met, first := e.inbox.end(why)
	if !first {
		return
	}
	for r, other := range e.world.ends {
		switch {
		case r == e.rank:
		case met[r]:
			_ = other.inbox.put(circle.Packet{From: e.rank, Lost: why})
		default:
			other.inbox.putIfMet(circle.Packet{From: e.rank, Lost: why})
		}
	}
}
