package mesh

import (
	"fmt"
	"time"
)

// pulse sends pings and notices silence. It counts its own ticks instead of
// comparing times: a process that was stopped for a while, and with it this
// goroutine, does not take the silence of that while for everybody's death.
func (m *Mesh) pulse() {
	tick := m.cfg.PingEvery / 2
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-t.C:
		}
		for i := range m.peers {
			m.feel(&m.peers[i], int(m.cfg.DeadAfter/tick))
		}
	}
}

// feel is one tick for one peer.
func (m *Mesh) feel(p *peer, patience int) {
	p.mu.Lock()
	l := p.link
	p.mu.Unlock()
	if l == nil {
		return
	}
	l.silent++
	if l.wire.heard.Swap(false) || l.paused.Load() {
		l.silent = 0
	}
	l.quiet++
	if l.wire.said.Swap(false) {
		l.quiet = 0
	}
	if l.silent >= patience {
		l.snap(fmt.Errorf("nothing was heard of it for %v: its node, its network or its process hangs", m.cfg.DeadAfter))
	}
	if l.quiet >= 2 {
		m.do(p, p.ping())
	}
}
