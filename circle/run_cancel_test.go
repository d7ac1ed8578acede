package circle_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gdcp/circle"
)

// holding is a shape each of whose runs takes hold of something that its Close
// has to release.
type holding struct {
	shape
	mu      sync.Mutex
	held    map[*circle.Task]bool
	closes  int
	dropped int
	faults  []string
}

func newHolding(fans ...int) *holding {
	return &holding{shape: shape{fans: fans}, held: make(map[*circle.Task]bool)}
}

func (h *holding) Run(ctx context.Context, t *circle.Task) {
	h.mu.Lock()
	h.held[t] = true
	h.mu.Unlock()
	h.shape.Run(ctx, t)
}

func (h *holding) Close(ctx context.Context, t *circle.Task, results [][]byte) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.held[t] {
		h.faults = append(h.faults, "a task is closed that has not run, or twice")
	}
	delete(h.held, t)
	h.closes++
	if t.Dropped() {
		h.dropped++
	} else if sum(results)+1 != (&shape{fans: h.fans[len(t.Body):]}).size() {
		h.faults = append(h.faults, "a task is closed as whole that is not")
	}
	return h.shape.Close(ctx, t, results)
}

func (h *holding) check(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.held) > 0 {
		t.Errorf("%d of %d runs were not closed", len(h.held), h.runs.Load())
	}
	for _, f := range h.faults {
		t.Error(f)
	}
}

var errEnough = errors.New("terminated by the scheduler")

// TestRunCancelled cancels a job in the middle, on any rank: all ranks return
// at once and know why, and whatever has run has been closed.
func TestRunCancelled(t *testing.T) {
	for _, size := range []int{1, 2, 5} {
		for canceller := range size {
			synctest.Test(t, func(t *testing.T) {
				all := make([]*holding, size)
				ctx, cancel := context.WithCancelCause(t.Context())
				for r := range all {
					all[r] = newHolding(10, 10, 10)
					all[r].work = func(ctx context.Context, _ *circle.Task, _ int) {
						select {
						case <-ctx.Done(): // cut short
						case <-time.After(20 * time.Millisecond):
						}
					}
				}
				j := start(size, circle.Config{}, func(r int) (context.Context, circle.Handler, int) {
					if r == canceller {
						return ctx, all[r], 3
					}
					return t.Context(), all[r], 3
				})
				time.Sleep(500 * time.Millisecond)
				begin := time.Now()
				cancel(errEnough)
				j.done.Wait()
				if took := time.Since(begin); took > 10*time.Millisecond {
					t.Errorf("the end took %v", took)
				}
				for r, o := range j.outcomes {
					if !o.Cancelled || o.Why != errEnough.Error() || o.Result != nil || j.errs[r] != nil {
						t.Errorf("rank %d: %+v, %v", r, o, j.errs[r])
					}
					all[r].check(t)
				}
				if all[0].dropped == 0 {
					t.Error("nothing was dropped on rank 0, which has had the root task")
				}
			})
		}
	}
}

// TestRunCancelCutsNothingWhole has tasks that return as soon as their context
// ends, as if they had done everything. Close must not take it for that, on
// whatever rank.
func TestRunCancelCutsNothingWhole(t *testing.T) {
	for seed := range 50 {
		all := make([]*holding, 3)
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		for r := range all {
			all[r] = newHolding(6, 6, 6)
			all[r].work = func(ctx context.Context, _ *circle.Task, depth int) {
				if all[r].runs.Load() == int64(5+seed) && r == seed%3 {
					cancel(errEnough)
				}
				if depth == 2 {
					select {
					case <-ctx.Done():
					case <-time.After(time.Millisecond):
					}
				}
			}
		}
		j := start(3, circle.Config{}, func(r int) (context.Context, circle.Handler, int) {
			return ctx, &cutShort{all[r]}, 2
		})
		j.done.Wait()
		for _, h := range all {
			h.check(t)
		}
	}
}

// TestRunStopsBeforeItsTasks has the loop of a rank be busy when its context
// ends: the tasks must not see that before the rank has stopped, or it would
// give back as closed, to a lender who goes on, what was cut short.
func TestRunStopsBeforeItsTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := make([]*slowCounter, 2)
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		for r := range all {
			all[r] = &slowCounter{cutShort: cutShort{newHolding(2, 3)}, slow: r == 1}
			all[r].work = func(ctx context.Context, _ *circle.Task, depth int) {
				if depth == 1 {
					select {
					case <-ctx.Done():
					case <-time.After(10 * time.Second):
					}
				}
			}
		}
		time.AfterFunc(5*time.Second, func() { cancel(errEnough) })
		j := start(2, circle.Config{}, func(r int) (context.Context, circle.Handler, int) {
			if r == 1 {
				return ctx, all[r], 2
			}
			return t.Context(), all[r], 1
		})
		j.done.Wait()
		for r, h := range all {
			h.check(t)
			if h.runs.Load() == 0 {
				t.Errorf("rank %d ran nothing", r)
			}
		}
	})
}

// slowCounter takes an hour to count.
type slowCounter struct {
	cutShort
	slow bool
}

func (s *slowCounter) Counters() []int64 {
	if s.slow {
		time.Sleep(time.Hour)
	}
	return nil
}

func (*slowCounter) Report(int, []byte) {}
func (*slowCounter) Progress([][]int64) {}

// cutShort spawns nothing once the context has ended.
type cutShort struct{ *holding }

func (c *cutShort) Run(ctx context.Context, t *circle.Task) {
	c.mu.Lock()
	c.held[t] = true
	c.mu.Unlock()
	c.runs.Add(1)
	c.work(ctx, t, len(t.Body))
	if len(t.Body) == len(c.fans) {
		return
	}
	for range c.fans[len(t.Body)] {
		if ctx.Err() != nil {
			return
		}
		t.Spawn(make([]byte, len(t.Body)+1))
	}
}

// TestRunLeavesHangingWorkers has a worker that does not come back, as on a
// file server that does not answer: a cancel on any rank ends all ranks within
// a second all the same.
func TestRunLeavesHangingWorkers(t *testing.T) {
	for _, size := range []int{1, 3} {
		for canceller := range size {
			for hanging := range size {
				synctest.Test(t, func(t *testing.T) {
					release := make(chan struct{})
					ctx, cancel := context.WithCancelCause(t.Context())
					j := start(size, circle.Config{}, func(r int) (context.Context, circle.Handler, int) {
						s := &shape{fans: []int{30}}
						s.work = func(_ context.Context, _ *circle.Task, depth int) {
							if r == hanging && depth == 1 {
								<-release
							}
							time.Sleep(20 * time.Millisecond)
						}
						if r == canceller {
							return ctx, s, 2
						}
						return t.Context(), s, 2
					})
					time.Sleep(100 * time.Millisecond)
					begin := time.Now()
					cancel(errEnough)
					j.done.Wait()
					if took := time.Since(begin); took > time.Second {
						t.Errorf("cancelled on rank %d, hanging on rank %d: the end took %v", canceller, hanging, took)
					}
					for r, err := range j.errs {
						left := err != nil && strings.Contains(err.Error(), "hangs")
						if left != (r == hanging) || !j.outcomes[r].Cancelled {
							t.Errorf("rank %d, with rank %d hanging: %v, %+v", r, hanging, err, j.outcomes[r])
						}
					}
					close(release)
					time.Sleep(time.Second) // virtual; in it the workers come back after all
				})
			}
		}
	}
}

// TestRunCancelledAtEnd has the cancel come while ranks finish: all tasks are
// closed, so the job is not cancelled any more, but nobody waits for a Finish
// that takes minutes either.
func TestRunCancelledAtEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		all := make([]*meeting, 3)
		for r := range all {
			all[r] = newMeeting(r, time.Hour)
		}
		j := start(3, circle.Config{}, func(r int) (context.Context, circle.Handler, int) { return ctx, all[r], 1 })
		time.Sleep(time.Minute)
		begin := time.Now()
		cancel(errEnough)
		j.done.Wait()
		if took := time.Since(begin); took > time.Second {
			t.Errorf("the end took %v", took)
		}
		if o := j.outcomes[0]; o.Cancelled || string(o.Cards[1]) != "cut short" {
			t.Errorf("rank 0: %+v, %v", o, j.errs[0])
		}
	})
}

// TestRunCancelUnanswered has rank 0 not answer at all.
func TestRunCancelUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(errEnough) })
		begin := time.Now()
		_, err := circle.Run(ctx, circle.New(circle.Config{Rank: 1, Size: 2}), deaf{}, newHolding(), 1)
		if err == nil || !strings.Contains(err.Error(), "rank 0 has not answered") {
			t.Errorf("%v", err)
		}
		if took := time.Since(begin); took > time.Minute+time.Second {
			t.Errorf("the end took %v", took)
		}
	})
}

// deaf is a transport on which nobody answers.
type deaf struct{}

func (deaf) Rank() int                     { return 1 }
func (deaf) Size() int                     { return 2 }
func (deaf) Send(int, []byte)              {}
func (deaf) Backlog(int) int               { return 0 }
func (deaf) Packets() <-chan circle.Packet { return nil }
func (deaf) Close() error                  { return nil }
