package mesh

import (
	"fmt"
	"testing"
)

// TestGlare tries all orders of what can happen when two ranks dial each
// other: each dial's steps, a first attempt of each that fails, and a dial's
// ending late, after it was told to. At the end the two must have the same
// link, and nobody waits.
func TestGlare(t *testing.T) {
	ends := make(map[string]int)
	count := 0
	for c := (&choices{}); c.more(); count++ {
		g := newGlare(c)
		for g.step() {
		}
		g.check(t)
		ends[g.who()]++
		if t.Failed() {
			return
		}
	}
	t.Logf("%d orders, won by %v", count, ends)
	if ends["low"] == 0 || ends["high"] == 0 || count < 1000 {
		t.Errorf("%d orders, won by %v: both should win some", count, ends)
	}
}

// choices walks through all sequences of choices that a run can make.
type choices struct {
	taken, of []int
	at        int
	started   bool
}

func (c *choices) pick(n int) int {
	if c.at == len(c.taken) {
		c.taken, c.of = append(c.taken, 0), append(c.of, n)
	}
	c.at++
	return c.taken[c.at-1]
}

// more prepares the next run.
func (c *choices) more() bool {
	c.at = 0
	if !c.started {
		c.started = true
		return true
	}
	for i := len(c.taken) - 1; i >= 0; i-- {
		if c.taken[i]++; c.taken[i] < c.of[i] {
			c.taken, c.of = c.taken[:i+1], c.of[:i+1]
			return true
		}
	}
	return false
}

// call is one side's dial as Mesh.dial does it, in steps.
type call struct {
	self    int
	peer    *peer // the other one, as this side sees it
	other   *peer // this one, as the other side sees it
	stage   int
	failed  bool
	ended   bool // giveUp was called
	verdict kind
	link    *link
	remote  *link // the other end of it
}

const (
	unsent = iota // Send has not been called
	begun
	connected
	answered
	waiting // for the other's dial
	over
)

type glare struct {
	*choices
	calls [2]call         // of rank 0, and of rank 1
	twin  map[*link]*link // the two ends of connections
}

func newGlare(c *choices) *glare {
	low, high := &peer{rank: 1}, &peer{rank: 0} // as rank 0 sees rank 1, and the reverse
	g := &glare{choices: c, twin: make(map[*link]*link)}
	g.calls[0] = call{self: 0, peer: low, other: high}
	g.calls[1] = call{self: 1, peer: high, other: low}
	return g
}

// step lets one of the dials that can go on do so.
func (g *glare) step() bool {
	var ready []*call
	for i := range g.calls {
		c := &g.calls[i]
		if c.stage < waiting || c.stage == waiting && c.ended {
			ready = append(ready, c)
		}
	}
	if len(ready) == 0 {
		return false
	}
	g.advance(ready[g.pick(len(ready))])
	return true
}

func (g *glare) advance(c *call) {
	stops := c.ended && g.pick(2) == 0 // it notices now, or later
	switch c.stage {
	case unsent:
		c.stage = over // an accepted connection is used
		if c.peer.push([]byte("x")) == dialIt {
			c.stage = begun
		}
		if c.stage == begun && !c.peer.started(func() { c.ended = true }) {
			c.stage = over
		}
	case begun:
		if c.stage = connected; stops || !c.peer.commit(true) {
			c.peer.commit(false)
			c.stage = over
		}
	case connected:
		g.arrive(c, stops)
	case answered:
		c.peer.commit(false)
		c.stage = over
		switch {
		case stops:
		case c.verdict == kindAccept:
			_, _ = c.peer.accepted(c.link)
		case !c.ended:
			c.stage = waiting
		}
	case waiting:
		c.stage = over
	}
}

// arrive is an attempt's end: it fails, for once, or gets its verdict.
func (g *glare) arrive(c *call, stops bool) {
	switch {
	case stops:
		c.peer.commit(false)
		c.stage = over
	case !c.failed && g.pick(2) == 0:
		c.failed = true
		c.peer.commit(false)
		c.stage = begun
	default:
		c.link, c.remote = &link{}, &link{}
		g.twin[c.link], g.twin[c.remote] = c.remote, c.link
		c.verdict, _ = c.other.admit(1-c.self, c.remote)
		c.stage = answered
	}
}

func (g *glare) check(t *testing.T) {
	t.Helper()
	a, b := g.calls[0].peer, g.calls[1].peer
	if g.calls[0].stage != over || g.calls[1].stage != over || a.state != joined || b.state != joined || g.twin[a.link] != b.link {
		t.Errorf("choices %v end with states %d and %d, stages %d and %d, one connection: %v",
			g.taken, a.state, b.state, g.calls[0].stage, g.calls[1].stage, g.twin[a.link] == b.link)
	}
	if len(a.queue) != 1 || len(b.queue) != 1 {
		t.Errorf("choices %v: %d and %d messages are queued, want one each", g.taken, len(a.queue), len(b.queue))
	}
	if n := fmt.Sprint(a.control, b.control); n != fmt.Sprint([]kind{kindAccept}, []kind(nil)) && n != fmt.Sprint([]kind(nil), []kind{kindAccept}) {
		t.Errorf("choices %v: verdicts %s, want one to accept", g.taken, n)
	}
}

func (g *glare) who() string {
	if g.calls[0].peer.link == g.calls[0].link {
		return "low"
	}
	return "high"
}

// TestAdmit is the table of the package comment.
func TestAdmit(t *testing.T) {
	for _, c := range []struct {
		name string
		peer *peer
		self int
		want kind
	}{
		{"idle", &peer{rank: 1}, 0, kindAccept},
		{"dialing without a connection", &peer{rank: 1, state: dialing}, 0, kindAccept},
		{"the lower, dialing", &peer{rank: 1, state: dialing, committed: true}, 0, kindBusy},
		{"the higher, dialing", &peer{rank: 0, state: dialing, committed: true}, 1, kindAccept},
		{"joined", &peer{rank: 1, state: joined}, 0, kindBusy},
		{"gone", &peer{rank: 1, state: gone}, 0, kindGone},
		{"leaving, idle", &peer{rank: 1, leaving: true}, 0, kindBye},
		{"leaving, gone", &peer{rank: 1, leaving: true, state: gone}, 0, kindBye},
		{"leaving, with messages to send", &peer{rank: 1, leaving: true, state: dialing}, 0, kindAccept},
	} {
		p := c.peer
		before := p.state
		got, _ := p.admit(c.self, &link{})
		if got != c.want || (p.state == joined) != (got == kindAccept || before == joined) {
			t.Errorf("%s: verdict %d, state %d; want verdict %d", c.name, got, p.state, c.want)
		}
	}
}
