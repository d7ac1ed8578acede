package circle

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
)

// clone copies a world with all that can change in it when one rank does
// something, so that the copy can go another way. The other ranks are shared, as
// are message bodies and results: nobody writes to them.
func (w *world) clone(acting int) *world {
	out := &world{net: maps.Clone(w.net), ranks: slices.Clone(w.ranks)}
	for link, bodies := range out.net {
		out.net[link] = slices.Clip(bodies)
	}
	c := cloner{seen: make(map[*Task]*Task)}
	out.ranks[acting] = c.rank(w.ranks[acting])
	return out
}

type cloner struct{ seen map[*Task]*Task }

func (c cloner) rank(r *worldRank) *worldRank {
	out := &worldRank{node: c.node(r.node), dead: r.dead, waiting: c.tasks(r.waiting)}
	for _, h := range r.hands {
		out.hands = append(out.hands, hand{c.task(h.t), h.closing, h.spawned})
	}
	return out
}

// node copies every field that is a reference; TestClone counts them.
func (c cloner) node(n *Node) *Node {
	out := *n
	out.outbox = nil // a world collects it after each step
	out.queue.ring = c.tasks(n.queue.ring)
	out.closable = c.tasks(n.closable)
	out.root = c.task(n.root)
	out.thief.lines = slices.Clone(n.thief.lines)
	out.thief.waits = slices.Clone(n.thief.waits)
	out.giver.waiters = slices.Clone(n.giver.waiters)
	out.giver.oldest = c.task(n.giver.oldest)
	out.loans.lent = maps.Clone(n.loans.lent)
	for id, t := range out.loans.lent {
		out.loans.lent[id] = c.task(t)
	}
	out.loans.borrowed = maps.Clone(n.loans.borrowed)
	for id, t := range out.loans.borrowed {
		out.loans.borrowed[id] = c.task(t)
	}
	out.group.roll.cards = slices.Clone(n.group.roll.cards)
	out.group.roll.ticked = slices.Clone(n.group.roll.ticked)
	out.group.losses = maps.Clone(n.group.losses)
	for r, l := range out.group.losses {
		l := *l
		l.unfenced = maps.Clone(l.unfenced)
		out.group.losses[r] = &l
	}
	return &out
}

func (c cloner) tasks(in []*Task) (out []*Task) {
	for _, t := range in {
		out = append(out, c.task(t))
	}
	return out
}

func (c cloner) task(t *Task) *Task {
	if t == nil {
		return nil
	}
	if out := c.seen[t]; out != nil {
		return out
	}
	out := &Task{Body: t.Body, results: slices.Clone(t.results), open: t.open, state: t.state,
		peer: t.peer, peerID: t.peerID, lentTo: t.lentTo, lentID: t.lentID, revoked: t.revoked}
	c.seen[t] = out
	out.dropped.Store(t.dropped.Load())
	out.parent = c.task(t.parent)
	return out
}

// imprint is a fingerprint's text: all of a world on which its future depends.
// What does not count is left out, so that more ways lead to the same state:
// counts, the state of the random numbers, which number a loan has (but not
// the order of the numbers, in which they are gone through).
type imprint struct {
	b []byte
	w *world
}

func (w *world) imprint(b []byte) imprint {
	p := imprint{b: b, w: w}
	for _, r := range w.ranks {
		p.rank(r)
	}
	for _, link := range w.wires() {
		if w.ranks[link.to].node.phase == over {
			continue
		}
		p.num(link.from, link.to, len(w.net[link]))
		for _, body := range w.net[link] {
			p.message(link, body)
		}
	}
	return p
}

func (p *imprint) wires(wires []wire) {
	p.num(len(wires))
	for _, l := range wires {
		p.num(l.from, l.to)
	}
}

func (p *imprint) num(values ...int) {
	for _, v := range values {
		p.b = binary.AppendVarint(p.b, int64(v))
	}
}

func (p *imprint) flag(values ...bool) {
	for _, v := range values {
		b := byte(0)
		if v {
			b = 1
		}
		p.b = append(p.b, b)
	}
}

func (p *imprint) text(s []byte) {
	p.num(len(s))
	p.b = append(p.b, s...)
}

func (p *imprint) ranks(ranks []int) {
	p.num(len(ranks))
	p.num(ranks...)
}

func (p *imprint) rank(r *worldRank) {
	p.flag(r.dead)
	if r.dead {
		return
	}
	n := r.node
	p.num(int(n.phase))
	p.tasks(n.closable)
	p.num(len(r.hands))
	for _, h := range r.hands {
		p.flag(h.closing)
		p.num(h.spawned)
		p.task(h.t)
	}
	p.flag(n.group.roll.ticked...)
	p.losses(n)
	p.text(n.result)
	if n.phase > working {
		return // it steals no more, and nobody from it
	}
	p.num(n.thief.asked, min(n.thief.tries, n.cfg.Tries))
	p.flag(n.thief.asleep, n.giver.oldest != nil && n.giver.oldest == n.queue.oldest(), n.dropping)
	p.ranks(n.thief.waits)
	p.ranks(n.giver.waiters)
	p.tasks(n.queue.tasks())
	p.tasks(n.loans.lentTasks())
	p.tasks(n.loans.borrowedTasks())
}

func (p *imprint) losses(n *Node) {
	p.num(len(n.group.losses))
	for _, r := range n.LostRanks() {
		l := n.group.losses[r]
		p.num(r, l.orphans)
		p.flag(l.settled)
		p.ranks(slices.Sorted(maps.Keys(l.unfenced)))
	}
}

func (p *imprint) tasks(tasks []*Task) {
	p.num(len(tasks))
	for _, t := range tasks {
		p.task(t)
	}
}

// task writes a task and those above it at the same home.
func (p *imprint) task(t *Task) {
	for ; t != nil; t = t.parent {
		p.text(t.Body)
		p.num(int(t.state), int(t.open), int(t.peer), int(t.lentTo))
		p.flag(t.revoked, t.dropped.Load())
		if t.borrowed() {
			p.loan(int(t.peer), t.peerID)
		}
		p.num(len(t.results))
		for _, r := range t.results {
			p.text(r)
		}
	}
	p.num(-1)
}

// known tells whether a lender still waits for its number. Where it does not,
// it makes no difference which number it was.
func (p *imprint) known(lender int, id uint64) bool {
	rank := p.w.ranks[lender]
	return !rank.dead && rank.node.loans.lent[id] != nil
}

func (p *imprint) message(link wire, body []byte) {
	m, err := decode(body)
	if err != nil {
		panic(err)
	}
	p.num(int(m.kind), len(m.tasks))
	p.flag(m.flag)
	switch m.kind {
	case kindClose:
		p.loan(link.to, m.id)
	case kindRevoke:
		p.loan(link.from, m.id)
	default:
		p.num(int(m.id))
	}
	for _, t := range m.tasks {
		p.text(t.body)
		p.loan(link.from, t.id)
	}
	p.text(m.body)
}

// loan writes a loan by its place among those of the lender.
func (p *imprint) loan(lender int, id uint64) {
	place := -1
	if p.known(lender, id) {
		place = 0
		for other := range p.w.ranks[lender].node.loans.lent {
			if other < id {
				place++
			}
		}
	}
	p.num(place)
}

func (l *loans) lentTasks() (out []*Task) {
	for _, id := range l.ids(func(*Task) bool { return true }) {
		out = append(out, l.lent[id])
	}
	return out
}

func (l *loans) borrowedTasks() []*Task {
	keys := slices.SortedFunc(maps.Keys(l.borrowed), func(a, b loan) int {
		return cmp.Or(cmp.Compare(a.lender, b.lender), cmp.Compare(a.id, b.id))
	})
	var out []*Task
	for _, k := range keys {
		out = append(out, l.borrowed[k])
	}
	return out
}
