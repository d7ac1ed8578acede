package mesh

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"gdcp/circle"
)

// link is the connection with a joined peer.
type link struct {
	wire   *wire
	conn   *tls.Conn   // over wire
	paused atomic.Bool // the reader waits for room in Packets
	broken atomic.Pointer[error]

	silent, quiet int // the pulse's: ticks in which nothing was heard, said
}

// snap breaks the link, for a reason that the reader will give. Closing the
// TLS connection could wait for seconds to say so to a peer that does not
// read.
func (l *link) snap(why error) {
	l.broken.CompareAndSwap(nil, &why)
	_ = l.wire.Close() // that it is closed already is no news
}

// why is the reason for the end of a link of which reading told err.
func (l *link) why(err error) error {
	switch p := l.broken.Load(); {
	case errors.Is(err, circle.ErrClosed): // what was written at it after its goodbye may well have failed
		return err
	case p != nil:
		return *p
	case errors.Is(err, io.EOF):
		return errors.New("its end of the connection was closed without a goodbye")
	}
	return err
}

// wire notes that something came or went. The bytes below TLS count, so that
// a message of megabytes over a slow network is a sign of life while it comes.
type wire struct {
	net.Conn
	heard, said atomic.Bool
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if n > 0 && !w.heard.Load() {
		w.heard.Store(true)
	}
	return n, err
}

func (w *wire) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	if n > 0 && !w.said.Load() {
		w.said.Store(true)
	}
	return n, err
}

// recordSize is the most that a TLS record carries, in bytes.
const recordSize = 16 << 10

// read delivers what comes over the link until it ends, and then reports the
// loss. It is one goroutine for each link.
func (m *Mesh) read(p *peer, l *link) {
	err := m.receive(p, l)
	if p.part(joined) {
		m.report(p, l.why(err))
	}
	l.snap(err)
}

func (m *Mesh) receive(p *peer, l *link) error {
	for {
		k, body, err := readFrame(l.conn)
		switch {
		case err != nil:
			return err
		case k == kindBye:
			return circle.ErrClosed
		case k == kindData:
			m.deliver(circle.Packet{From: p.rank, Body: body}, &l.paused)
		case k.isVerdict():
			return fmt.Errorf("a verdict (%d) in the middle of a conversation", k)
		}
	}
}

// deliver waits for room in Packets, which holds the sender back in turn.
// After Close nobody may be receiving any more, and packets are dropped.
func (m *Mesh) deliver(pk circle.Packet, paused *atomic.Bool) {
	select {
	case m.packets <- pk:
		return
	default:
	}
	paused.Store(true)
	defer paused.Store(false)
	select {
	case m.packets <- pk:
	case <-m.closing:
	}
}

// write empties the peer's queue into the link. It runs while there is
// something to write: an idle link has no writer.
func (m *Mesh) write(p *peer, l *link) {
	w := m.buffers.Get().(*bufio.Writer)
	defer m.buffers.Put(w)
	w.Reset(l.conn)
	defer w.Reset(nil)
	var queue [][]byte
	for {
		control, queue_, last := p.take(queue)
		queue = queue_
		if len(control)+len(queue) == 0 && !last {
			return
		}
		if err := writeAll(w, p, control, queue, last); err != nil {
			// A broken connection is the reader's to end: what the peer has
			// sent before may still be there to be read. Should only writing
			// be broken, the peer hears no ping and ends it.
			why := fmt.Errorf("write: %w", err)
			l.broken.CompareAndSwap(nil, &why)
			return
		}
		if last {
			return
		}
	}
}

// accountEvery is after how many bytes a long queue is taken off the backlog.
const accountEvery = 64 << 10

// writeAll writes frames and flushes. The messages are let go one by one.
func writeAll(w *bufio.Writer, p *peer, control []kind, queue [][]byte, last bool) error {
	var err error
	frame := func(k kind, body []byte) {
		h := header(k, len(body))
		if err == nil {
			_, err = w.Write(h[:])
		}
		if err == nil {
			_, err = w.Write(body)
		}
	}
	for _, k := range control {
		frame(k, nil)
	}
	written := 0
	for i, body := range queue {
		frame(kindData, body)
		queue[i] = nil
		if written += len(body); written >= accountEvery {
			p.wrote(written)
			written = 0
		}
	}
	if last {
		frame(kindBye, nil)
	}
	if err == nil {
		err = w.Flush()
	}
	p.wrote(written)
	return err
}
