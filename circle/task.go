package circle

import "sync/atomic"

// Task is a unit of work. Body says what to do and travels to whichever rank
// runs the task; Value stays at home, the rank that ran it.
type Task struct {
	// Body is what the spawner passed. Read only.
	Body []byte
	// Value is the handler's, to keep from Run to Close.
	Value any

	parent  *Task    // at the same home; nil for the root and for what was borrowed
	results [][]byte // of children that have closed
	open    int32    // children that have not
	state   taskState
	peer    int32  // the lender of a task that was borrowed, or noRank
	peerID  uint64 // the lender's number for it
	lentTo  int32  // the borrower while it is lent
	lentID  uint64 // our number for it while it is lent
	revoked bool   // lent, and the borrower was told to drop it
	dropped atomic.Bool
	run     *runner
}

const noRank = -1

// taskState is where a task's record stands. It only goes forward, but for a
// task that comes back from a lost borrower, from lent to queued.
type taskState uint8

const (
	queued  taskState = iota // may be run, or lent
	lent                     // a borrower has it
	running                  // a worker runs it
	waiting                  // has run; some children are open
	closing                  // has run; no child is open; Close is to be called
	closed
)

// Dropped tells that the task's result is not wanted any more, because the
// job is cancelled or because what the task is a part of will be done again
// elsewhere. A long Run may ask and return early.
func (t *Task) Dropped() bool {
	if t.run != nil && t.run.ctx.Err() != nil {
		return true
	}
	for ; t != nil; t = t.parent {
		if t.dropped.Load() {
			return true
		}
	}
	return false
}

func (t *Task) borrowed() bool { return t.peer != noRank }
