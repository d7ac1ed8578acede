package mesh

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// accept takes connections until the mesh ends. While the lobby is full, one
// waits here and the others in the kernel's queue.
func (m *Mesh) accept(ln net.Listener) {
	for {
		conn, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, or the stranger has left again
			m.cfg.Logf("accept a connection: %v", err)
			m.pause(20 * time.Millisecond)
			continue
		}
		stay, ok := m.lobby.enter(m.ctx.Done())
		if !ok || !m.start(func() { m.welcome(conn, stay) }) {
			_ = conn.Close()
			return
		}
	}
}

func (m *Mesh) pause(d time.Duration) {
	select {
	case <-m.ctx.Done():
	case <-time.After(d):
	}
}

// welcome is A's part: it finds out who a stranger is, and runs the link if
// there is to be one.
func (m *Mesh) welcome(conn net.Conn, stay time.Duration) {
	from, err := m.screen(conn, stay)
	if err != nil {
		m.refuse(conn, err)
		return
	}
	p := &m.peers[from]
	l, err := m.shakeHands(conn, from)
	if err != nil {
		m.refuse(conn, fmt.Errorf("rank %d: %w", from, err))
		return
	}
	k, w := p.admit(m.rank, l)
	if k != kindAccept {
		m.decline(l, k)
		return
	}
	m.cfg.Logf("rank %d has connected from %v", from, conn.RemoteAddr())
	m.do(p, w)
	m.read(p, l)
}

// screen does what is done for anybody, in the lobby.
func (m *Mesh) screen(conn net.Conn, stay time.Duration) (from int, err error) {
	defer m.lobby.leave()
	defer context.AfterFunc(m.ctx, func() { _ = conn.Close() })()
	if err := conn.SetDeadline(time.Now().Add(stay)); err != nil {
		return 0, err
	}
	return m.keys.ask(conn, len(m.peers))
}

// shakeHands is for one who knows the secret.
func (m *Mesh) shakeHands(conn net.Conn, from int) (*link, error) {
	defer context.AfterFunc(m.ctx, func() { _ = conn.Close() })()
	if err := conn.SetDeadline(time.Now().Add(m.cfg.ConnectTimeout)); err != nil {
		return nil, err
	}
	cfg, err := m.keys.config(from)
	if err != nil {
		return nil, err
	}
	l := &link{wire: &wire{Conn: conn}}
	l.conn = tls.Server(l.wire, cfg)
	if err := l.conn.HandshakeContext(m.ctx); err != nil {
		return nil, err
	}
	return l, conn.SetDeadline(time.Time{})
}

// decline tells a dialer why its connection is not taken. One that does not
// listen will find out by the end of the connection.
func (m *Mesh) decline(l *link, k kind) {
	h := header(k, 0)
	err := l.wire.SetDeadline(time.Now().Add(m.cfg.HelloTimeout))
	if err == nil {
		_, _ = l.conn.Write(h[:])
	}
	l.snap(nil)
}

// refuse closes a connection and logs every 1st, 2nd, 4th, 8th...: whoever
// scans ports must not fill the log.
func (m *Mesh) refuse(conn net.Conn, why error) {
	if n := m.refused.Add(1); n&(n-1) == 0 {
		m.cfg.Logf("refused a connection from %v (%d so far): %v", conn.RemoteAddr(), n, why)
	}
	_ = conn.Close()
}
