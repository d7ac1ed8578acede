package circle_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"gdcp/circle"
	"gdcp/circle/inproc"
)

// ranks is a job whose ranks are goroutines.
type ranks struct {
	world    *inproc.World
	outcomes []circle.Outcome
	errs     []error
	done     sync.WaitGroup
}

// start starts a job: rank r runs with the context, handler and workers of
// with(r).
func start(size int, cfg circle.Config, with func(r int) (context.Context, circle.Handler, int)) *ranks {
	return startOver(func(tr circle.Transport) circle.Transport { return tr }, size, cfg, with)
}

// startOver puts something between the ranks and their transports.
func startOver(over func(circle.Transport) circle.Transport, size int, cfg circle.Config,
	with func(r int) (context.Context, circle.Handler, int)) *ranks {
	j := &ranks{world: inproc.New(size), outcomes: make([]circle.Outcome, size), errs: make([]error, size)}
	for r := range size {
		j.done.Go(func() {
			c := cfg
			c.Rank, c.Size, c.Seed = r, size, 1
			tr := j.world.Endpoint(r)
			defer func() { _ = tr.Close() }()
			ctx, h, workers := with(r)
			j.outcomes[r], j.errs[r] = circle.Run(ctx, circle.New(c), over(tr), h, workers)
		})
	}
	return j
}

// run runs a job with the same handler on all ranks, and fails if any fails.
func run(t testing.TB, size, workers int, cfg circle.Config, h circle.Handler) circle.Outcome {
	t.Helper()
	j := start(size, cfg, func(int) (context.Context, circle.Handler, int) { return t.Context(), h, workers })
	j.done.Wait()
	for r, err := range j.errs {
		if err != nil {
			t.Errorf("rank %d: %v", r, err)
		}
	}
	return j.outcomes[0]
}

// shape is a regular tree: how many children a node has, by depth. It is the
// handler of tests that only count: the result of a task is how many tasks it
// and its offspring are, and how often each was closed is noted.
type shape struct {
	fans []int
	runs atomic.Int64
	work func(ctx context.Context, t *circle.Task, depth int) // in Run, if set
}

func (s *shape) Run(ctx context.Context, t *circle.Task) {
	s.runs.Add(1)
	depth := len(t.Body)
	if s.work != nil {
		s.work(ctx, t, depth)
	}
	if depth < len(s.fans) {
		for range s.fans[depth] {
			t.Spawn(make([]byte, depth+1))
		}
	}
}

func (s *shape) Close(_ context.Context, _ *circle.Task, results [][]byte) []byte {
	return binary.AppendUvarint(nil, 1+sum(results))
}

func (s *shape) size() uint64 {
	total, level := uint64(1), uint64(1)
	for _, f := range s.fans {
		level *= uint64(f)
		total += level
	}
	return total
}

// folding is a shape that folds results.
type folding struct{ *shape }

func (folding) Combine(results [][]byte) []byte {
	return binary.AppendUvarint(results[0][:0], sum(results))
}

func sum(results [][]byte) (n uint64) {
	for _, r := range results {
		v, _ := binary.Uvarint(r)
		n += v
	}
	return n
}

func (s *shape) check(t testing.TB, o circle.Outcome) {
	t.Helper()
	if got, _ := binary.Uvarint(o.Result); got != s.size() || o.Cancelled {
		t.Errorf("the root counts %d tasks, want %d; outcome %+v", got, s.size(), o)
	}
}

func TestRunResults(t *testing.T) {
	for _, fans := range [][]int{
		nil, {1}, {7}, {1, 1, 1, 1, 1, 1, 1, 1}, {1000}, {1, 1000}, {10, 10, 10}, {2, 2, 2, 2, 2, 2, 2, 2, 2}, {100, 0, 5},
	} {
		for _, size := range []int{1, 2, 5, 16} {
			for _, workers := range []int{1, 4, 16} {
				t.Run(fmt.Sprintf("%v on %d x %d", fans, size, workers), func(t *testing.T) {
					s := &shape{fans: fans}
					s.check(t, run(t, size, workers, circle.Config{}, s))
					if ran := uint64(s.runs.Load()); ran != s.size() {
						t.Errorf("%d runs for %d tasks", ran, s.size())
					}
				})
			}
		}
	}
}

// TestRunSmallBounds has every bound at its smallest.
func TestRunSmallBounds(t *testing.T) {
	cfg := circle.Config{Tries: 1, MaxDealTasks: 1, MaxDealBytes: 1, MaxQueue: 1, MaxQueueBytes: 1, MaxResults: 2}
	for _, size := range []int{1, 2, 5} {
		for _, workers := range []int{1, 4} {
			t.Run(fmt.Sprintf("%d x %d", size, workers), func(t *testing.T) {
				s := &shape{fans: []int{5, 4, 3, 2}}
				s.check(t, run(t, size, workers, cfg, folding{s}))
			})
		}
	}
}

func TestRunFoldsResults(t *testing.T) {
	s := &shape{fans: []int{100000}}
	most := 0
	h := widest{folding{s}, &most}
	s.check(t, run(t, 1, 4, circle.Config{}, h))
	if most >= 64 {
		t.Errorf("Close got %d results: want less than the 64 at which they are folded", most)
	}
}

// widest notes how many results a Close gets.
type widest struct {
	folding
	most *int
}

func (w widest) Close(ctx context.Context, t *circle.Task, results [][]byte) []byte {
	if len(t.Body) == 0 {
		*w.most = len(results)
	}
	return w.shape.Close(ctx, t, results)
}

func TestRunNoWorkers(t *testing.T) {
	w := inproc.New(1)
	if _, err := circle.Run(t.Context(), circle.New(circle.Config{Size: 1}), w.Endpoint(0), &shape{}, 0); err == nil {
		t.Error("a rank without workers has nothing to say against it")
	}
}
