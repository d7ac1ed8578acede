package circle

import "slices"

// loans are the tasks that are at another rank, and those that came from one.
type loans struct {
	lent     map[uint64]*Task // by our number
	nextID   uint64
	borrowed map[loan]*Task // by the lender's number
}

// loan names a borrowed task.
type loan struct {
	lender int32
	id     uint64
}

func (l *loans) init() {
	l.lent = make(map[uint64]*Task)
	l.borrowed = make(map[loan]*Task)
}

// lend takes up to limit of the oldest tasks off the queue for a rank, no more
// than a deal may hold.
func (n *Node) lend(to, limit int) []wireTask {
	limit = min(limit, n.cfg.MaxDealTasks)
	if limit <= 0 {
		return nil
	}
	tasks := make([]wireTask, 0, limit)
	bytes := 0
	for len(tasks) < limit {
		if bytes += len(n.queue.oldest().Body); bytes > n.cfg.MaxDealBytes && len(tasks) > 0 {
			break
		}
		t := n.queue.popOldest()
		n.loans.nextID++
		t.state, t.lentTo, t.lentID, t.revoked = lent, int32(to), n.loans.nextID, false
		n.loans.lent[t.lentID] = t
		tasks = append(tasks, wireTask{id: t.lentID, body: t.Body})
	}
	n.stats.Lent += uint64(len(tasks))
	return tasks
}

// borrow queues a task that the rank from has lent. The body is copied: it
// shares the memory of a deal of many, which it would keep from being freed.
func (n *Node) borrow(from int, w wireTask) {
	key := loan{int32(from), w.id}
	if n.loans.borrowed[key] != nil {
		return // a lender never gives a number twice; who does cannot confuse us
	}
	n.stats.Borrowed++
	t := &Task{Body: slices.Clone(w.body), peer: key.lender, peerID: key.id}
	n.loans.borrowed[key] = t
	n.queue.push(t)
}

// giveBack tells the lender of t that it has closed; or, when the lender is
// lost, counts that one of its orphans is gone. After a cancel nobody is told:
// the lender may not have heard of it, and would take for finished what was
// given up.
func (n *Node) giveBack(t *Task, result []byte) {
	delete(n.loans.borrowed, loan{t.peer, t.peerID})
	lender := int(t.peer)
	switch {
	case n.phase != working:
	case n.group.isLost(lender):
		n.orphanGone(lender)
	default:
		n.send(lender, message{kind: kindClose, id: t.peerID, body: result})
	}
}

// onClose closes a task that was lent. A number that is not known is that of
// a task that was closed before.
func (n *Node) onClose(from int, id uint64, result []byte) {
	t := n.loans.lent[id]
	if t == nil || t.lentTo != int32(from) {
		return
	}
	delete(n.loans.lent, id)
	n.finish(t, slices.Clone(result))
}

// onRevoke drops a task that from has lent, with all that came of it.
func (n *Node) onRevoke(from int, id uint64) {
	if t := n.loans.borrowed[loan{int32(from), id}]; t != nil && !t.dropped.Load() {
		t.dropped.Store(true)
		n.dropping = true
		n.sweep()
	}
}

// sweep discards what is queued of dropped tasks, and what is lent of them to
// lost ranks; what is lent to living ranks it revokes. What runs or waits of
// them ends by itself, without being finished.
func (n *Node) sweep() {
	var gone []*Task
	n.queue.filter(func(t *Task) bool {
		if t.Dropped() {
			gone = append(gone, t)
			return true
		}
		return false
	})
	for _, id := range n.loans.ids((*Task).Dropped) {
		t := n.loans.lent[id]
		switch {
		case n.group.isLost(int(t.lentTo)):
			delete(n.loans.lent, id)
			gone = append(gone, t)
		case !t.revoked:
			t.revoked = true
			n.send(int(t.lentTo), message{kind: kindRevoke, id: id})
		}
	}
	for _, t := range gone {
		n.stats.Discarded++
		n.finish(t, nil)
	}
}

// ids returns the numbers of the lent tasks that match, in order: a Node does
// the same whenever it is fed the same.
func (l *loans) ids(match func(*Task) bool) []uint64 {
	var ids []uint64
	for id, t := range l.lent {
		if match(t) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
