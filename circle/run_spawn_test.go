package circle_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gdcp/circle"
)

// gauge is a number and the most that it has been.
type gauge struct{ now, most atomic.Int64 }

func (g *gauge) add(n int64) {
	v := g.now.Add(n)
	for m := g.most.Load(); v > m && !g.most.CompareAndSwap(m, v); m = g.most.Load() {
	}
}

// spawning is a regular tree that watches what is queued, and how many runs
// there are at once, the waiting ones with them.
type spawning struct {
	shape
	queued, runs gauge
}

func (s *spawning) Run(_ context.Context, t *circle.Task) {
	s.queued.add(-1)
	s.runs.add(1)
	defer s.runs.add(-1)
	depth := len(t.Body)
	if depth < len(s.fans) {
		for range s.fans[depth] {
			t.Spawn(make([]byte, depth+1))
			s.queued.add(1)
		}
	}
}

// TestSpawnDealsFirst has a full queue of one, so that the second child is run
// by Spawn, for an hour: the first one goes to the rank that waits before that,
// and not after.
func TestSpawnDealsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shape{fans: []int{2}}
		s.work = func(_ context.Context, _ *circle.Task, depth int) {
			time.Sleep([]time.Duration{time.Minute, time.Hour}[depth])
		}
		begin := time.Now()
		s.check(t, run(t, 2, 1, circle.Config{MaxQueue: 1}, s))
		if took, want := time.Since(begin), time.Hour+time.Minute; took != want {
			t.Errorf("two children of an hour took %v on two ranks, want %v", took, want)
		}
	})
}

// TestSpawnBounded checks that the memory of a rank does not grow with what its
// tasks spawn: neither the queue, nor the runs that are not over, each of which
// may hold a directory open.
func TestSpawnBounded(t *testing.T) {
	million := 1000000
	if circle.RaceEnabled || testing.Short() {
		million = 100000
	}
	for _, c := range []struct {
		name  string
		fans  []int
		queue int
	}{
		{"a million from one task", []int{million}, 64},
		{"50 of 50 of 50", []int{50, 50, 50}, 64},
		{"8 levels of 4", []int{4, 4, 4, 4, 4, 4, 4, 4}, 2},
		{"a wide one of wide ones", []int{1000, 200}, 1000},
		{"a chain", []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 1},
	} {
		for _, workers := range []int{1, 2, 16} {
			t.Run(fmt.Sprintf("%s, %d workers", c.name, workers), func(t *testing.T) {
				s := &spawning{shape: shape{fans: c.fans}}
				s.check(t, run(t, 1, workers, circle.Config{MaxQueue: c.queue}, s))
				t.Logf("at most %d queued, %d runs at once", s.queued.most.Load(), s.runs.most.Load())
				// A worker that has taken a task and not yet come to Run counts here.
				if most := s.queued.most.Load(); most > int64(c.queue+workers) {
					t.Errorf("%d tasks were queued: the bound is %d", most, c.queue)
				}
				if most, want := s.runs.most.Load(), int64(workers*(len(c.fans)+1)); most > want {
					t.Errorf("%d runs at once: want at most one a level for each worker, %d", most, want)
				}
			})
		}
	}
}
