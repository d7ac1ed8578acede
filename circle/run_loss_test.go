package circle_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gdcp/circle"
	"gdcp/circle/inproc"
)

// startLosing starts a job of tasks of 10 ms in which ranks will be lost.
func startLosing(t *testing.T, size int) ([]*holding, *ranks) {
	all := make([]*holding, size)
	for r := range all {
		all[r] = newHolding(10, 10, 10)
		all[r].work = func(context.Context, *circle.Task, int) { time.Sleep(10 * time.Millisecond) }
	}
	return all, start(size, circle.Config{}, func(r int) (context.Context, circle.Handler, int) { return t.Context(), all[r], 2 })
}

// TestRunLosesRanks kills ranks in the middle: what they had in hand is done
// again, the result is right, and rank 0 says who was lost.
func TestRunLosesRanks(t *testing.T) {
	for _, lost := range [][]int{{1}, {3}, {1, 2}, {2, 3, 4}, {1, 2, 3, 4}} {
		for _, after := range []time.Duration{25 * time.Millisecond, 200 * time.Millisecond, 600 * time.Millisecond} {
			synctest.Test(t, func(t *testing.T) {
				all, j := startLosing(t, 5)
				for i, r := range lost {
					time.Sleep(after / time.Duration(i+1))
					j.world.Kill(r)
				}
				j.done.Wait()
				all[0].shape.check(t, j.outcomes[0])
				if got := j.outcomes[0].Lost; !slices.Equal(got, lost) {
					t.Errorf("lost %v, want %v", got, lost)
				}
				for r, err := range j.errs {
					if (err != nil) != slices.Contains(lost, r) {
						t.Errorf("rank %d, with %v lost: %v", r, lost, err)
					}
					all[r].check(t)
				}
				if n := again(all); n == 0 {
					t.Errorf("no task was run again after %v: the ranks %v had nothing in hand", after, lost)
				}
			})
		}
	}
}

// again is how many more runs there were than tasks.
func again(all []*holding) int64 {
	n := -int64(all[0].size())
	for _, h := range all {
		n += h.runs.Load()
	}
	return n
}

// TestRunLosesRank0 checks that nobody goes on without rank 0.
func TestRunLosesRank0(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, j := startLosing(t, 4)
		time.Sleep(100 * time.Millisecond)
		begin := time.Now()
		j.world.Kill(0)
		j.done.Wait()
		if took := time.Since(begin); took > time.Second {
			t.Errorf("the end took %v", took)
		}
		for r := 1; r < 4; r++ {
			var lost *circle.LostError
			if !errors.As(j.errs[r], &lost) || lost.Rank != 0 || !errors.Is(j.errs[r], inproc.ErrKilled) {
				t.Errorf("rank %d: %v", r, j.errs[r])
			}
			all[r].check(t)
		}
	})
}

// TestRunEvicted has a rank be told, while it works, that it was declared lost:
// its work is cut short and given up.
func TestRunEvicted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHolding(3)
		w := inproc.New(2)
		zero := circle.New(circle.Config{Rank: 0, Size: 2})
		go func() {
			deal(zero, w.Endpoint(0))
			zero.Lost(1, errors.New("connection reset by peer"))
			send(zero, w.Endpoint(0))
		}()
		h.work = func(ctx context.Context, task *circle.Task, _ int) {
			<-ctx.Done()
			if !task.Dropped() {
				t.Error("the context of an evicted rank's task has ended, but it is not dropped")
			}
		}
		_, err := circle.Run(t.Context(), circle.New(circle.Config{Rank: 1, Size: 2}), w.Endpoint(1), h, 2)
		if !errors.Is(err, circle.ErrEvicted) {
			t.Errorf("%v, want %v", err, circle.ErrEvicted)
		}
		h.check(t)
		if h.closes == 0 {
			t.Error("the rank had no task in hand when it was evicted")
		}
	})
}

// deal plays rank 0 up to the point where rank 1 has got a task of it.
func deal(zero *circle.Node, tr circle.Transport) {
	zero.Hello(nil)
	for zero.Stats().Lent == 0 {
		if err := step(zero, <-tr.Packets()); err != nil {
			panic(err)
		}
		if zero.Greeted() != nil {
			zero.Start(nil)
			root, _ := zero.Next()
			for range 4 {
				zero.Spawn(root, []byte{0})
			}
			zero.Ran(root)
		}
		send(zero, tr)
	}
	time.Sleep(time.Second)
}

func step(n *circle.Node, p circle.Packet) error { return n.Step(p.From, p.Body) }

func send(n *circle.Node, tr circle.Transport) {
	for _, e := range n.Outbox() {
		tr.Send(e.To, e.Body)
	}
}

// TestRunMalformed has a peer send what nobody sends.
func TestRunMalformed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := inproc.New(2)
		w.Endpoint(0).Send(1, []byte("\xffwhat?"))
		_, err := circle.Run(t.Context(), circle.New(circle.Config{Rank: 1, Size: 2}), w.Endpoint(1), newHolding(), 2)
		if err == nil {
			t.Error("a malformed message went unnoticed")
		}
	})
}
