package circle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gdcp/circle"
)

// meeting is a shape whose ranks greet and finish.
type meeting struct {
	shape
	rank     int
	refusal  error         // of Start
	question error         // of Ask
	finish   time.Duration // how long Finish takes
	finished *atomic.Int64
	cards    [][]byte // what Start got
}

func (m *meeting) Ask(context.Context) ([]byte, error) { return []byte("who is there?"), m.question }

func (m *meeting) Greet(_ context.Context, question []byte) []byte {
	return fmt.Appendf(nil, "%s %d", question, m.rank)
}

func (m *meeting) Start(_ context.Context, cards [][]byte) ([]byte, error) {
	m.cards = cards
	return nil, m.refusal
}

func (m *meeting) Finish(ctx context.Context, cancelled bool) []byte {
	m.finished.Add(1)
	select {
	case <-time.After(m.finish):
	case <-ctx.Done():
		return []byte("cut short")
	}
	return fmt.Appendf(nil, "rank %d, cancelled %v", m.rank, cancelled)
}

func newMeeting(rank int, finish time.Duration) *meeting {
	return &meeting{shape: shape{fans: []int{20, 5}}, rank: rank, finish: finish, finished: new(atomic.Int64)}
}

// meet runs a job of meetings in virtual time; change changes that of a rank.
func meet(t *testing.T, size int, change func(*meeting)) (all []*meeting, j *ranks) {
	t.Helper()
	finished := new(atomic.Int64)
	for r := range size {
		m := newMeeting(r, 0)
		m.finished = finished
		change(m)
		all = append(all, m)
	}
	j = start(size, circle.Config{}, func(r int) (context.Context, circle.Handler, int) { return t.Context(), all[r], 2 })
	j.done.Wait()
	return all, j
}

func TestRunGreets(t *testing.T) {
	for _, size := range []int{1, 2, 9} {
		synctest.Test(t, func(t *testing.T) {
			all, j := meet(t, size, func(m *meeting) { m.finish = time.Minute })
			all[0].check(t, j.outcomes[0])
			for r := range size {
				if want := fmt.Sprintf("who is there? %d", r); string(all[0].cards[r]) != want {
					t.Errorf("card %q of rank %d, want %q", all[0].cards[r], r, want)
				}
				if want := fmt.Sprintf("rank %d, cancelled false", r); string(j.outcomes[0].Cards[r]) != want || j.errs[r] != nil {
					t.Errorf("last card %q of rank %d, want %q (%v)", j.outcomes[0].Cards[r], r, want, j.errs[r])
				}
			}
			if n := all[0].finished.Load(); n != int64(size) {
				t.Errorf("%d ranks finished, want %d", n, size)
			}
		})
	}
}

// TestRunRefused checks that a job that rank 0 does not want ends everywhere,
// with its reason, before any task has run.
func TestRunRefused(t *testing.T) {
	why := errors.New("node7 does not see /scratch")
	for name, change := range map[string]func(*meeting){
		"ask":   func(m *meeting) { m.question = why },
		"start": func(m *meeting) { m.refusal = why },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all, j := meet(t, 5, change)
				for r, o := range j.outcomes {
					if !o.Cancelled || o.Why != why.Error() || j.errs[r] != nil || all[r].runs.Load() != 0 {
						t.Errorf("rank %d: %+v, %v, after %d runs", r, o, j.errs[r], all[r].runs.Load())
					}
				}
				if got := j.outcomes[0].Cards[3]; !bytes.Equal(got, []byte("rank 3, cancelled true")) {
					t.Errorf("last card %q of rank 3", got)
				}
			})
		})
	}
}

// TestRunLateGreeting checks that nobody works before all have greeted, and that
// those who wait are woken then.
func TestRunLateGreeting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var greeted atomic.Bool
		all := make([]*slowGreeter, 3)
		for r := range all {
			all[r] = &slowGreeter{meeting: newMeeting(r, 0), greeted: &greeted}
			all[r].work = func(_ context.Context, _ *circle.Task, _ int) {
				if !greeted.Load() {
					t.Error("a task runs before rank 2 has greeted")
				}
				time.Sleep(time.Second)
			}
		}
		j := start(3, circle.Config{}, func(r int) (context.Context, circle.Handler, int) { return t.Context(), all[r], 2 })
		j.done.Wait()
		all[0].check(t, j.outcomes[0])
		for r, g := range all {
			if n := g.runs.Load(); n < 10 {
				t.Errorf("rank %d ran %d of 51 tasks", r, n)
			}
		}
	})
}

type slowGreeter struct {
	*meeting
	greeted *atomic.Bool
}

func (s *slowGreeter) Greet(ctx context.Context, question []byte) []byte {
	if s.rank == 2 {
		time.Sleep(time.Minute)
		s.greeted.Store(true)
	}
	return s.meeting.Greet(ctx, question)
}

// reporting is a shape that reports each task, and counts.
type reporting struct {
	shape
	rank     int
	count    atomic.Int64
	busy     atomic.Bool      // in Report or Progress
	reports  map[int][]string // by rank
	progress [][][]int64
	overlaps atomic.Int64
}

func (p *reporting) Run(ctx context.Context, t *circle.Task) {
	for range 3 {
		t.Report(fmt.Append(nil, p.count.Add(1)))
	}
	time.Sleep(20 * time.Millisecond)
	p.shape.Run(ctx, t)
}

func (p *reporting) alone(do func()) {
	if !p.busy.CompareAndSwap(false, true) {
		p.overlaps.Add(1)
	}
	do()
	p.busy.Store(false)
}

func (p *reporting) Report(rank int, body []byte) {
	p.alone(func() { p.reports[rank] = append(p.reports[rank], string(body)) })
}

func (p *reporting) Counters() []int64 { return []int64{p.count.Load(), int64(p.rank)} }

func (p *reporting) Progress(counters [][]int64) {
	p.alone(func() { p.progress = append(p.progress, counters) })
}

// TestRunReports checks that all reports come, each rank's in order (with one
// worker there is one), and that the counters grow and end where they should.
func TestRunReports(t *testing.T) {
	for _, size := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			all := make([]*reporting, size)
			for r := range all {
				all[r] = &reporting{shape: shape{fans: []int{10, 20}}, rank: r, reports: make(map[int][]string)}
			}
			j := start(size, circle.Config{}, func(r int) (context.Context, circle.Handler, int) { return t.Context(), all[r], 1 })
			j.done.Wait()
			zero := all[0]
			zero.check(t, j.outcomes[0])
			if n := zero.overlaps.Load(); n > 0 {
				t.Errorf("Report and Progress overlapped %d times", n)
			}
			for r, p := range all {
				var want []string
				for n := range p.count.Load() {
					want = append(want, fmt.Sprint(n+1))
				}
				if !slices.Equal(zero.reports[r], want) {
					t.Errorf("rank %d: reports %v, want %v", r, zero.reports[r], want)
				}
			}
			zero.checkProgress(t, all)
		})
	}
}

func (p *reporting) checkProgress(t *testing.T, all []*reporting) {
	t.Helper()
	if len(p.progress) < 3 {
		t.Fatalf("progress was shown %d times in a job of seconds", len(p.progress))
	}
	last := make([]int64, len(all))
	for _, counters := range p.progress {
		for r, c := range counters {
			if c == nil {
				continue
			}
			if c[0] < last[r] || c[1] != int64(r) {
				t.Errorf("counters %v of rank %d after %d", c, r, last[r])
			}
			last[r] = c[0]
		}
	}
	for r, other := range all {
		if last[r] != other.count.Load() {
			t.Errorf("the last progress of rank %d is %d, want %d", r, last[r], other.count.Load())
		}
	}
}
