package mesh

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gdcp/circle"
)

// Mesh is a rank's end of the connections with all others. It is a
// circle.Transport.
type Mesh struct {
	cfg       Config
	rank      int
	name      string
	cards     []card
	keys      *keys
	listeners []net.Listener
	lobby     lobby
	refused   atomic.Uint64
	peers     []peer
	packets   chan circle.Packet
	buffers   sync.Pool // of *bufio.Writer

	closing chan struct{} // closed by Close, first of all
	ctx     context.Context
	cancel  context.CancelFunc
	once    sync.Once
	err     error // of Close

	// mu guards ended: no goroutine starts after it, so that Close can wait.
	mu    sync.Mutex
	ended bool
	group sync.WaitGroup
}

var _ circle.Transport = (*Mesh)(nil)

// room is how many packets wait for the receiver before the readers do.
const room = 128

// Join makes the mesh of the job's ranks from all their cards, in the order of
// the ranks, and the job's secret. The Listener is the Mesh's from then on; after
// an error it is closed.
func (l *Listener) Join(rank int, cards [][]byte, secret [32]byte) (*Mesh, error) {
	m, err := l.newMesh(rank, cards, secret)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("join the mesh as rank %d of %d: %w", rank, len(cards), err), l.Close())
	}
	m.start(m.pulse)
	for _, ln := range m.listeners {
		m.start(func() { m.accept(ln) })
	}
	return m, nil
}

func (l *Listener) newMesh(rank int, cards [][]byte, secret [32]byte) (*Mesh, error) {
	if rank < 0 || rank >= len(cards) || !slices.Equal(cards[rank], l.Card()) {
		return nil, errors.New("the exchange has not returned this rank's own card")
	}
	decoded := make([]card, len(cards))
	for r, b := range cards {
		c, err := decodeCard(b)
		if err != nil {
			return nil, fmt.Errorf("rank %d: %w", r, err)
		}
		decoded[r] = c
	}
	if err := checkRoutes(l.card, decoded); err != nil {
		return nil, err
	}
	keys, err := newKeys(secret, rank)
	if err != nil {
		return nil, err
	}
	m := &Mesh{
		cfg: l.cfg, rank: rank, name: l.name, cards: decoded, keys: keys, listeners: l.listeners,
		lobby:   newLobby(l.cfg.MaxStrangers, l.cfg.HelloTimeout),
		peers:   make([]peer, len(cards)),
		packets: make(chan circle.Packet, room),
		closing: make(chan struct{}),
	}
	m.buffers.New = func() any { return bufio.NewWriterSize(nil, recordSize) }
	m.ctx, m.cancel = context.WithCancel(context.Background())
	for r := range m.peers {
		m.peers[r].rank = r
	}
	return m, nil
}

// Describe says how the ranks are connected, for the banner: "tcp on ib0". On
// a single node that is the loopback, whatever was chosen.
func (m *Mesh) Describe() string {
	here := m.cards[m.rank].node
	if slices.ContainsFunc(m.cards, func(c card) bool { return c.node != here }) {
		return "tcp on " + m.name
	}
	return "tcp on lo"
}

// Rank is this rank's number.
func (m *Mesh) Rank() int { return m.rank }

// Size is the number of ranks.
func (m *Mesh) Size() int { return len(m.peers) }

// Packets delivers what arrives; see circle.Transport.
func (m *Mesh) Packets() <-chan circle.Packet { return m.packets }

// Backlog is the number of bytes of messages to a rank that are queued here
// or in the middle of being written.
func (m *Mesh) Backlog(to int) int { return m.peers[to].waiting() }

// Send queues a message; see circle.Transport.
func (m *Mesh) Send(to int, body []byte) {
	if to == m.rank || len(body) > circle.MaxMessage {
		panic(fmt.Sprintf("mesh: rank %d sends %d bytes to rank %d", m.rank, len(body), to))
	}
	p := &m.peers[to]
	m.do(p, p.push(body))
}

// do starts what a change of a peer calls for.
func (m *Mesh) do(p *peer, w work) {
	switch w {
	case dialIt:
		m.start(func() { m.dial(p) })
	case writeIt:
		p.mu.Lock()
		l := p.link
		p.mu.Unlock()
		if l != nil {
			m.start(func() { m.write(p, l) })
		}
	}
}

// start runs f in a goroutine that Close waits for. It does not if the mesh
// has ended.
func (m *Mesh) start(f func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return false
	}
	m.group.Go(f)
	return true
}

// report tells the receiver that a peer is gone. Its caller is the one
// goroutine that has delivered the peer's messages.
func (m *Mesh) report(p *peer, err error) {
	select {
	case <-m.closing: // it has heard this rank's goodbye, and hung up
		return
	default:
	}
	if !errors.Is(err, circle.ErrClosed) {
		m.cfg.Logf("lost rank %d: %v", p.rank, err)
	}
	var paused atomic.Bool
	m.deliver(circle.Packet{From: p.rank, Lost: err}, &paused)
}

// Close sends what is queued, with a goodbye to every peer that was ever
// talked to, and ends the mesh; see circle.Transport. The error tells what
// could not be sent within Config.FlushTimeout.
func (m *Mesh) Close() error {
	m.once.Do(func() {
		close(m.closing)
		m.err = m.flush()
		m.end()
	})
	return m.err
}

func (m *Mesh) flush() error {
	timer := time.NewTimer(m.cfg.FlushTimeout)
	defer timer.Stop()
	var told []<-chan struct{}
	for i := range m.peers {
		p := &m.peers[i]
		settled, w := p.leave()
		m.do(p, w)
		if settled != nil {
			told = append(told, settled)
		}
	}
	for _, settled := range told {
		select {
		case <-settled:
		case <-timer.C:
			return m.unsent()
		}
	}
	return nil
}

// unsent is an error if messages are left that Close could not send.
func (m *Mesh) unsent() error {
	bytes, ranks := 0, 0
	for i := range m.peers {
		if n := m.peers[i].waiting(); n > 0 {
			bytes, ranks = bytes+n, ranks+1
		}
	}
	if ranks == 0 {
		return nil
	}
	return fmt.Errorf("close the mesh: %d bytes for %d ranks could not be sent within %v", bytes, ranks, m.cfg.FlushTimeout)
}

// end releases everything at once, and waits for all goroutines.
func (m *Mesh) end() {
	m.mu.Lock()
	m.ended = true
	m.mu.Unlock()
	m.cancel()
	for _, ln := range m.listeners {
		_ = ln.Close() // it is open, and nothing can be lost with it
	}
	for i := range m.peers {
		if l := m.peers[i].drop(); l != nil {
			l.snap(net.ErrClosed)
		}
	}
	m.group.Wait()
	close(m.packets)
}
