package circle

import "slices"

// giver is the side of a rank that lends work to others: how much it can
// spare, and who waits for it.
type giver struct {
	waiters []int // ranks whose lifeline this rank is, in the order they came
	oldest  *Task // what was the oldest queued task at the last tick
}

// tick notes which task will have waited for a whole tick at the next one.
func (g *giver) tick(oldest *Task) { g.oldest = oldest }

// spare is how many of the queued tasks may be lent: half of them. A single
// one is kept for this rank's own workers, who are about to ask for it, unless
// it has been waiting for them since the last tick.
func (g *giver) spare(q *queue) int {
	if q.len == 1 && q.oldest() == g.oldest {
		return 1
	}
	return q.len / 2
}

// onSteal deals the thief the half of what is queued, or nothing, or keeps it
// waiting.
func (n *Node) onSteal(thief int, lifeline bool) {
	if n.phase > working {
		return
	}
	tasks := n.lend(thief, n.giver.spare(&n.queue))
	switch {
	case !lifeline || len(tasks) > 0:
		n.deal(thief, !lifeline, tasks)
	case !slices.Contains(n.giver.waiters, thief):
		n.giver.waiters = append(n.giver.waiters, thief)
	}
}

// feed deals to those who wait, each the same share.
func (n *Node) feed() {
	g := &n.giver
	for len(g.waiters) > 0 {
		share := max(1, n.queue.len/(len(g.waiters)+1))
		tasks := n.lend(g.waiters[0], min(share, g.spare(&n.queue)))
		if len(tasks) == 0 {
			return
		}
		n.deal(g.waiters[0], false, tasks)
		g.waiters = slices.Delete(g.waiters, 0, 1)
	}
}

func (n *Node) deal(to int, answer bool, tasks []wireTask) {
	n.send(to, message{kind: kindDeal, flag: answer, tasks: tasks})
}
