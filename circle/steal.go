package circle

import "slices"

// thief is the side of a rank that looks for work elsewhere.
type thief struct {
	victims victims
	asked   int   // the victim that has not answered yet, or noRank
	tries   int   // victims asked in vain
	asleep  bool  // waits on all its lifelines
	lines   []int // the lifelines
	waits   []int // those on which it waits now
}

// restless is how many tasks a sleeping rank has run of its own before it
// tries victims again. A rank that hangs on to a chain of single tasks is
// hungry after each; it must not send messages for each.
const restless = 64

func (th *thief) init(n *Node) {
	th.victims = newVictims(n.cfg.Seed, n.cfg.Rank)
	th.asked = noRank
	th.lines = lifelines(n.cfg.Rank, n.cfg.Size, n.group.isLost)
}

// hunger is called when a worker found nothing to do.
func (n *Node) hunger() {
	th := &n.thief
	if th.asleep && n.taken >= restless {
		th.asleep, th.tries = false, 0
	}
	if th.asked == noRank && !th.asleep {
		n.ask()
	}
}

// ask asks one more victim, or falls asleep on the lifelines.
func (n *Node) ask() {
	th := &n.thief
	if th.tries < n.cfg.Tries && len(th.lines) > 0 {
		if v := th.victims.next(n.cfg.Rank, n.cfg.Size); !n.group.isLost(v) {
			th.asked = v
			n.steal(v, false)
			return
		}
		// A lost victim counts as a try: with many of them, drawing until a
		// living one comes up could take for ever.
		th.tries++
		n.ask()
		return
	}
	th.asleep, n.taken = true, 0
	for _, l := range th.lines {
		if !slices.Contains(th.waits, l) {
			th.waits = append(th.waits, l)
			n.steal(l, true)
		}
	}
}

func (n *Node) steal(victim int, lifeline bool) {
	n.stats.Steals++
	n.send(victim, message{kind: kindSteal, flag: lifeline})
}

// onDeal takes what a victim dealt, and goes on asking if that is nothing and
// nothing else has come up.
func (n *Node) onDeal(from int, answer bool, tasks []wireTask) {
	th := &n.thief
	if answer {
		if th.asked == from {
			th.asked = noRank
		}
	} else {
		th.waits = slices.DeleteFunc(th.waits, func(r int) bool { return r == from })
	}
	if n.phase != working {
		return
	}
	for _, w := range tasks {
		n.borrow(from, w)
	}
	switch {
	case len(tasks) > 0:
		th.asleep, th.tries = false, 0
		n.feed()
	case n.queue.len == 0:
		n.stats.EmptySteals++
		th.tries++
		n.ask()
	default:
		th.tries = 0
	}
}

// forget makes the thief stop waiting for a lost rank, and ask elsewhere if it
// did.
func (th *thief) forget(n *Node, lost int) {
	th.lines = lifelines(n.cfg.Rank, n.cfg.Size, n.group.isLost)
	th.waits = slices.DeleteFunc(th.waits, func(r int) bool { return r == lost })
	switch {
	case th.asked == lost:
		th.asked = noRank
		n.ask()
	case th.asleep: // the lost one may have been a lifeline: another takes its place
		n.ask()
	}
}
