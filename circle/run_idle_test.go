package circle_test

import (
	"context"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gdcp/circle"
)

// TestIdleIsSilent counts what 63 ranks that wait for work do in an hour in
// which the 64th is at one task: they ask, fall asleep, and send nothing more.
func TestIdleIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		s := &shape{}
		s.work = func(context.Context, *circle.Task, int) {
			time.Sleep(time.Minute) // the others have come to rest
			before := sent.Load()
			time.Sleep(time.Hour)
			if n := sent.Load() - before; n > 0 {
				t.Errorf("the waiting ranks sent %d messages in an hour", n)
			}
		}
		j := startOver(func(tr circle.Transport) circle.Transport { return counting{tr, &sent} }, 64, circle.Config{},
			func(int) (context.Context, circle.Handler, int) { return t.Context(), s, 4 })
		j.done.Wait()
		s.check(t, j.outcomes[0])
		if sent.Load() == 0 {
			t.Error("nothing was sent at all")
		}
	})
}

// TestIdleUsesNoCPU measures the time of the process in a second in which one
// of 64 ranks is at one task, which sleeps: less than 1 % of a core a rank.
func TestIdleUsesNoCPU(t *testing.T) {
	s := &shape{}
	var used time.Duration
	s.work = func(ctx context.Context, _ *circle.Task, _ int) {
		rest := func(d time.Duration) {
			select {
			case <-ctx.Done():
			case <-time.After(d):
			}
		}
		rest(300 * time.Millisecond)
		before := cpuTime(t)
		rest(time.Second)
		used = cpuTime(t) - before
	}
	s.check(t, run(t, 64, 4, circle.Config{}, s))
	t.Logf("64 ranks that wait used %v of CPU in a second", used)
	if used > 640*time.Millisecond {
		t.Errorf("64 ranks that wait used %v of CPU in a second: want less than 1 %% of a core each", used)
	}
}

func cpuTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Error(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// counting is a transport that counts what is sent.
type counting struct {
	circle.Transport
	sent *atomic.Int64
}

func (c counting) Send(to int, body []byte) {
	c.sent.Add(1)
	c.Transport.Send(to, body)
}
