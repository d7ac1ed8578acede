package circle

import (
	"fmt"
	"maps"
	"slices"
)

// loss is what a rank keeps of a lost one.
type loss struct {
	orphans  int          // tasks borrowed from it that have not ended here
	unfenced map[int]bool // rank 0: living ranks on which there may be orphans
	settled  bool         // rank 0: the lenders were told to go on
}

// Lost takes the transport's word that nothing more will come from a rank.
func (n *Node) Lost(rank int, err error) {
	switch {
	case n.phase == over || n.group.isLost(rank):
	case rank == 0 && n.group.cancelled:
		n.phase = over // its word that the job is cancelled is here; it did not wait for the goodbye
	case rank == 0:
		n.fail(&LostError{Rank: 0, Err: err})
	case n.cfg.Rank == 0:
		n.declareLost(rank)
	case n.phase == working:
		n.send(0, message{kind: kindSuspect, id: uint64(rank)})
	}
}

// onSuspect takes another rank's word for a loss, but not at the end of the
// job: there a rank says goodbye to rank 0 and goes, and a third one may see
// the going, and say so, before the goodbye is here.
func (n *Node) onSuspect(rank int) {
	if n.phase != ending {
		n.declareLost(rank)
	}
}

// declareLost is rank 0's decision. It is final, even if the rank still lives:
// it is told as well, and ends itself.
func (n *Node) declareLost(rank int) {
	if n.group.isLost(rank) || n.phase == over {
		return
	}
	switch n.phase {
	case starting:
		n.group.losses[rank] = &loss{}
		n.end(true, fmt.Appendf(nil, "rank %d was lost before the work began", rank))
	case working:
		n.expel(rank)
	case ending:
		n.missed(rank)
	}
}

// expel tells every rank, and waits for all of them to be fenced off. The lost
// one is not waited for any more, in this or an earlier loss.
func (n *Node) expel(rank int) {
	unfenced := map[int]bool{0: true}
	for r := 1; r < n.cfg.Size; r++ {
		if !n.group.isLost(r) {
			n.send(r, message{kind: kindLost, id: uint64(rank)})
			unfenced[r] = true
		}
	}
	delete(unfenced, rank)
	n.group.losses[rank] = &loss{unfenced: unfenced}
	for _, l := range n.group.losses {
		delete(l.unfenced, rank)
	}
	n.abandon(rank)
}

// missed is a loss at the end of the job. The lost one may have had to pass
// the word that the job is over: all who have not said goodbye are told again.
func (n *Node) missed(rank int) {
	if n.group.roll.ticked[rank] {
		return // it has said goodbye: this is no loss
	}
	n.group.losses[rank] = &loss{}
	n.group.roll.tick(rank, nil)
	for r, ticked := range n.group.roll.ticked {
		if !ticked && r != 0 {
			n.done(r)
		}
	}
	n.checkOver()
}

// onLost is the word of rank 0 that a rank is lost.
func (n *Node) onLost(rank int) {
	switch {
	case rank == n.cfg.Rank:
		n.fail(ErrEvicted)
	case n.phase == working && !n.group.isLost(rank):
		n.group.losses[rank] = &loss{}
		n.abandon(rank)
	}
}

// abandon stops all that this rank has to do with a lost one, but for what was
// lent to it: that waits until everybody is fenced off.
func (n *Node) abandon(rank int) {
	orphans := 0
	for l, t := range n.loans.borrowed {
		if int(l.lender) == rank {
			t.dropped.Store(true)
			n.dropping = true
			orphans++
		}
	}
	n.giver.waiters = slices.DeleteFunc(n.giver.waiters, func(r int) bool { return r == rank })
	n.thief.forget(n, rank)
	n.group.losses[rank].orphans = orphans
	n.sweep()
	if orphans == 0 {
		n.fenced(rank)
	}
}

// orphanGone counts down to the point where nothing is left here of a lost
// rank.
func (n *Node) orphanGone(rank int) {
	l := n.group.losses[rank]
	if l.orphans--; l.orphans == 0 {
		n.fenced(rank)
	}
}

func (n *Node) fenced(rank int) { n.send(0, message{kind: kindFenced, id: uint64(rank)}) }

// onFenced, on rank 0, lets the lenders go on when everybody is fenced off from
// every lost rank. From every one, not from this one: an orphan of one lost
// rank can be the offspring of what another had in hand.
func (n *Node) onFenced(from, rank int) {
	if n.phase != working {
		return
	}
	if l := n.group.losses[rank]; l != nil {
		delete(l.unfenced, from)
	}
	for _, l := range n.group.losses {
		if len(l.unfenced) > 0 {
			return
		}
	}
	for _, r := range n.LostRanks() {
		if l := n.group.losses[r]; !l.settled {
			l.settled = true
			n.requeue(r)
		}
	}
}

func (n *Node) requeue(lost int) {
	for r := range n.cfg.Size {
		if !n.group.isLost(r) {
			n.send(r, message{kind: kindRequeue, id: uint64(lost)})
		}
	}
}

// onRequeue takes back what was lent to a lost rank.
func (n *Node) onRequeue(rank int) {
	if n.phase != working || !n.group.isLost(rank) {
		return
	}
	for _, id := range n.loans.ids(func(t *Task) bool { return int(t.lentTo) == rank }) {
		t := n.loans.lent[id]
		delete(n.loans.lent, id)
		n.stats.Requeued++
		t.state = queued
		n.queue.push(t)
	}
	n.feed()
}

// LostRanks returns the ranks that are known to be lost, in order.
func (n *Node) LostRanks() []int { return slices.Sorted(maps.Keys(n.group.losses)) }
