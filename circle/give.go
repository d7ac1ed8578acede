package circle

import "slices"

// giver is the side of a rank that lends work to others: how much it can
// spare, and who waits for it.
type giver struct {
	waiters []int // ranks whose lifeline this rank is, in the order they came
	idle    bool  // no task has been taken from the queue since the last tick
	stale   bool  // nor in the whole tick before
}

// moved is called when a worker has taken a task, or there was none to take.
func (g *giver) moved() { g.idle, g.stale = false, false }

func (g *giver) tick() { g.stale, g.idle = g.idle, true }

// enough is how long the queue has to be for a spawner that is still at it to
// serve the waiters in passing. Before that it is left to the end of the
// spawner's run, or to the next tick, so that deals are of more than one task.
func (g *giver) enough() int {
	if len(g.waiters) == 0 {
		return 1 << 30
	}
	return 8 + 2*len(g.waiters)
}

// spare is how many of queued tasks may be lent: half of them. A single one is
// kept for this rank's own workers, who are about to ask for it, unless they
// did not come for it in a whole tick.
func (g *giver) spare(queued int) int {
	if queued == 1 && g.stale {
		return 1
	}
	return queued / 2
}

// onSteal deals the thief the half of what is queued, or nothing, or keeps it
// waiting.
func (n *Node) onSteal(thief int, lifeline bool) {
	if n.phase > working {
		return
	}
	tasks := n.lend(thief, n.giver.spare(n.queue.len))
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
		tasks := n.lend(g.waiters[0], min(share, g.spare(n.queue.len)))
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
