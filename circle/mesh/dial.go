package mesh

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"syscall"
	"time"

	"gdcp/circle"
)

// dial makes a link to a peer, or reports it lost, or leaves it to the peer's
// own dial.
func (m *Mesh) dial(p *peer) {
	ctx, cancel := context.WithTimeout(m.ctx, m.cfg.ConnectTimeout)
	defer cancel()
	if !p.started(cancel) {
		return
	}
	l, k, err := m.call(ctx, p)
	switch {
	case err != nil:
	case k == kindAccept:
		m.talk(p, l)
		return
	case k == kindBusy:
		<-ctx.Done() // of its dial's arrival, or of time
		err = errors.New("it said that it was dialing this rank, but its connection never came")
	case k == kindBye:
		err = circle.ErrClosed
	default:
		err = errors.New("it has given this rank up")
	}
	if p.part(dialing) {
		m.report(p, err)
	}
}

// talk runs a link that the peer has accepted.
func (m *Mesh) talk(p *peer, l *link) {
	w, ok := p.accepted(l)
	if !ok {
		l.snap(errors.New("not wanted any more"))
		return
	}
	m.do(p, w)
	m.read(p, l)
}

// call tries the peer's addresses, one after the other and again, until one
// leads to it, time is up, or it is clear that nobody is there. Only with a
// verdict to accept there is a link.
func (m *Mesh) call(ctx context.Context, p *peer) (*link, kind, error) {
	addrs := route(m.cards[m.rank], m.cards[p.rank])
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		l, k, err := m.round(ctx, p, addrs)
		if err == nil || !errors.Is(err, errAgain) {
			return l, k, err
		}
		select {
		case <-ctx.Done():
			return nil, 0, err
		case <-time.After(pause/2 + rand.N(pause)): // not all that were turned away at once
		}
	}
}

// errAgain marks errors after which another attempt may succeed.
var errAgain = errors.New("no connection")

// round tries each address once. The error is the last one that leaves hope,
// else the first one.
func (m *Mesh) round(ctx context.Context, p *peer, addrs []netip.AddrPort) (*link, kind, error) {
	var failed error
	for i, addr := range addrs {
		l, k, err := m.attempt(ctx, p, addr, len(addrs)-i)
		if err == nil {
			return l, k, nil
		}
		if errors.Is(err, errFinal) {
			return nil, 0, err
		}
		if failed == nil || errors.Is(err, errAgain) {
			failed = fmt.Errorf("%v: %w", addr, err)
		}
	}
	return nil, 0, failed
}

// errFinal marks errors after which the peer may take itself for joined.
var errFinal = errors.New("no verdict")

// attempt dials one address. It may use its share of the time that is left for
// the addresses that are left; once it has a connection, all of it.
func (m *Mesh) attempt(ctx context.Context, p *peer, addr netip.AddrPort, left int) (*link, kind, error) {
	conn, err := m.connect(ctx, addr, left)
	if err != nil {
		return nil, 0, err
	}
	defer p.commit(false)
	if !p.commit(true) {
		_ = conn.Close()
		return nil, 0, errors.Join(errAgain, context.Canceled)
	}
	l, k, err := m.introduce(ctx, p, conn)
	if err != nil || k != kindAccept {
		_ = conn.Close()
		return nil, k, err
	}
	m.cfg.Logf("connected to rank %d at %v", p.rank, addr)
	return l, k, nil
}

func (m *Mesh) connect(ctx context.Context, addr netip.AddrPort, left int) (net.Conn, error) {
	deadline, _ := ctx.Deadline()
	d := net.Dialer{
		Timeout:   time.Until(deadline) / time.Duration(left),
		KeepAlive: -1, // the pulse is faster
	}
	conn, err := d.DialContext(ctx, "tcp", addr.String())
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		// It was listening when it published the address, so it has ended.
		return nil, errors.New("connection refused: its process has ended")
	}
	return nil, fmt.Errorf("%w: %w", errAgain, err)
}

// introduce is D's part of the handshakes.
func (m *Mesh) introduce(ctx context.Context, p *peer, conn net.Conn) (*link, kind, error) {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errAgain, err)
	}
	if err := m.keys.answer(conn, p.rank); errors.Is(err, errNotMesh) {
		return nil, 0, err
	} else if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errAgain, err)
	}
	cfg, err := m.keys.config(p.rank)
	if err != nil {
		return nil, 0, err
	}
	l := &link{wire: &wire{Conn: conn}}
	l.conn = tls.Client(l.wire, cfg)
	if err := l.conn.HandshakeContext(ctx); errors.Is(err, errNotPeer) {
		return nil, 0, err
	} else if err != nil {
		return nil, 0, fmt.Errorf("%w: it does not go on after this rank's hello: %w", errAgain, err)
	}
	k, err := verdict(l)
	return l, k, err
}

// verdict waits for what A says after the handshake. With TLS 1.3 it is also
// the first proof that A took this rank's certificate.
func verdict(l *link) (kind, error) {
	k, _, err := readFrame(l.conn)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w: %w", errFinal, err)
	case !k.isVerdict():
		return 0, fmt.Errorf("%w: a frame of kind %d", errFinal, k)
	}
	if err := l.wire.SetDeadline(time.Time{}); err != nil {
		return 0, fmt.Errorf("%w: %w", errFinal, err)
	}
	return k, nil
}
