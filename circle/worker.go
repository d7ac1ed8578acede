package circle

import (
	"errors"
	"time"
)

// addWorker starts one more worker. The lock is held.
func (r *runner) addWorker() {
	r.slots++
	r.group.Go(r.worker)
}

// worker runs tasks until the job ends for this rank, or until there are more
// workers than asked for, because a spawner that another had stood in for has
// come back.
func (r *runner) worker() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.slots <= r.workers {
		t, isClose := r.next()
		if t == nil {
			break
		}
		r.mu.Unlock()
		if !isClose {
			t.run = r
			r.h.Run(r.ctx, t)
			r.mu.Lock()
			if isClose = r.node.Ran(t); !isClose {
				r.settle()
				continue
			}
			r.mu.Unlock()
		}
		result := r.h.Close(r.ctx, t, t.results)
		r.mu.Lock()
		r.node.Closed(t, result)
		r.settle()
	}
	r.slots--
}

// next waits for something to do; nil means that nothing more will come.
func (r *runner) next() (t *Task, isClose bool) {
	for {
		if t, isClose = r.node.Next(); t != nil {
			if len(r.blocked) > 0 && r.node.Roomy() {
				r.unblock()
			}
			return t, isClose
		}
		r.settle() // the node may want to steal
		if phase := r.node.phase; phase == ending || phase == over {
			return nil, false
		}
		r.parked++
		r.work.Wait()
		r.waking--
	}
}

// Spawn makes a child of t, which Run is being called for. It waits while
// this rank has too many tasks in its queue; another worker stands in for the
// caller's meanwhile. The task owns body.
func (t *Task) Spawn(body []byte) {
	r := t.run
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.node.Full() {
		r.block()
	}
	r.node.Spawn(t, body)
	r.settle()
}

// block waits for room in the queue. Spawners go on in the reverse order of
// their coming: the last to come is the deepest in the tree, so that at most
// one spawner a level waits for each worker.
func (r *runner) block() {
	room := make(chan struct{})
	r.blocked = append(r.blocked, room)
	r.slots--
	r.addWorker()
	r.mu.Unlock()
	<-room
	r.mu.Lock()
	r.slots++
}

func (r *runner) unblock() {
	last := len(r.blocked) - 1
	close(r.blocked[last])
	r.blocked = r.blocked[:last]
}

// waitWorkers waits for the workers to come back. One that hangs, as on a file
// server that does not answer, is left behind after the grace; that can only
// be after a cancel, since a job that ended by itself has nothing running.
func (r *runner) waitWorkers() error {
	r.mu.Lock()
	if r.node.phase != over {
		r.node.phase = over // the loop gave up waiting for others
	}
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
	case <-time.After(grace):
		return errors.New("a worker hangs and was left behind")
	}
}
