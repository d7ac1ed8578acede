package circle

import (
	"slices"
	"time"
)

// Report sends body to rank 0's Reporter, from Run or Close. It waits while
// much is on its way already. The job owns body.
func (t *Task) Report(body []byte) { t.run.report(body) }

func (r *runner) report(body []byte) {
	if r.tr.Rank() == 0 {
		r.takeReport(0, body)
		return
	}
	for r.tr.Backlog(0) > reportBacklog && r.ctx.Err() == nil {
		time.Sleep(time.Millisecond) //nolint:forbidigo // there is no event for a queue that has become shorter
	}
	m := message{kind: kindReport, body: body}
	r.tr.Send(0, m.encode())
}

func (r *runner) takeReport(from int, body []byte) {
	if rep, ok := r.h.(Reporter); ok {
		r.reports.Lock()
		defer r.reports.Unlock()
		rep.Report(from, body)
	}
}

// counterFeed brings every rank's counters to rank 0, now and then, and shows
// them to the Reporter there.
type counterFeed struct {
	r     *runner
	timer *time.Ticker
	known [][]int64 // rank 0: the last ones, by rank
	sent  []int64   // others: what rank 0 knows
}

func (c *counterFeed) init(r *runner) {
	c.r = r
	c.timer = time.NewTicker(max(250*time.Millisecond, time.Duration(r.tr.Size())*2*time.Millisecond))
	if r.tr.Rank() == 0 {
		c.known = make([][]int64, r.tr.Size())
	}
}

// tick sends this rank's counters if they have changed, or, on rank 0, shows
// all of them.
func (c *counterFeed) tick() {
	rep, ok := c.r.h.(Reporter)
	if !ok || c.known != nil {
		c.show()
		return
	}
	if own := rep.Counters(); !slices.Equal(own, c.sent) {
		c.sent = slices.Clone(own)
		m := message{kind: kindCounters, numbers: own}
		c.r.tr.Send(0, m.encode())
	}
}

// show shows all counters, on rank 0.
func (c *counterFeed) show() {
	rep, ok := c.r.h.(Reporter)
	if !ok || c.known == nil {
		return
	}
	c.known[0] = rep.Counters()
	c.r.reports.Lock()
	defer c.r.reports.Unlock()
	rep.Progress(slices.Clone(c.known))
}

// take takes a packet that is a report or counters, on rank 0.
func (c *counterFeed) take(p Packet) bool {
	if c.known == nil || len(p.Body) == 0 {
		return false
	}
	if k := kind(p.Body[0]); k != kindCounters && k != kindReport {
		return false
	}
	m, err := decode(p.Body)
	if err != nil {
		return false // the node will say so
	}
	if m.kind == kindReport {
		c.r.takeReport(p.From, m.body)
	} else {
		c.known[p.From] = m.numbers
	}
	return true
}
