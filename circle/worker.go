package circle

import (
	"errors"
	"time"
)

// worker runs tasks until the job ends for this rank.
func (r *runner) worker() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		t, isClose := r.next()
		if t == nil {
			return
		}
		r.perform(t, isClose)
	}
}

// next waits for something to do; nil means that nothing more will come.
func (r *runner) next() (t *Task, isClose bool) {
	for {
		if t, isClose = r.node.Next(); t != nil {
			return t, isClose
		}
		r.settle() // the node may want to steal
		if r.node.phase > working {
			return nil, false
		}
		r.parked++
		r.work.Wait()
		r.waking--
	}
}

// perform does what the node has handed out. The lock is held, but not while
// the handler is called.
func (r *runner) perform(t *Task, isClose bool) {
	r.mu.Unlock()
	if !isClose {
		t.run = r
		r.h.Run(r.ctx, t)
		r.mu.Lock()
		if !r.node.Ran(t) {
			r.settle()
			return
		}
		r.mu.Unlock()
	}
	result := r.h.Close(r.ctx, t, t.results)
	r.mu.Lock()
	r.node.Closed(t, result)
	r.settle()
}

// Spawn makes a child of t; Run, while it is called for t, may call it. The
// task owns body.
//
// While this rank has too many tasks in its queue, Spawn runs the child at
// once, inside of the caller's Run, and what may be closed before it. So
// neither the queue grows nor is there anything that waits for room: a worker
// is at one task for each level of the tree at most. A caller must not hold
// what another Run or Close waits for, such as a lock.
func (t *Task) Spawn(body []byte) {
	r := t.run
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.node.Full() && len(r.node.closable) > 0 {
		r.perform(r.node.Next())
	}
	full := r.node.Full()
	r.node.Spawn(t, body)
	r.settle()
	if !full {
		return
	}
	// The newest task is this one, unless it was lent just now.
	if child, isClose := r.node.Next(); child != nil {
		r.perform(child, isClose)
	} else {
		r.settle()
	}
}

// waitWorkers waits for the workers to come back. One that hangs, as on a file
// server that does not answer, is left behind after the grace; that can only
// be after a cancel, since a job that ended by itself has nothing running.
func (r *runner) waitWorkers() error {
	limit := grace
	if r.deadline != nil {
		limit = lastCall // they had theirs already
	}
	r.mu.Lock()
	r.node.quit(over) // if it is not: the loop may have given up waiting for others
	r.stop()
	r.wakeAll()
	r.mu.Unlock()
	done := make(chan struct{})
	go func() {
		r.group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(limit):
		return errors.New("a worker hangs and was left behind")
	}
}
