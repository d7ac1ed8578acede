package exit

import (
	"context"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestCode(t *testing.T) {
	for _, c := range []struct {
		bad, vanished int64
		want          int
	}{{0, 0, Done}, {1, 0, Partial}, {1, 1, Partial}, {0, 2, Vanished}} {
		if got := Code(c.bad, c.vanished); got != c.want {
			t.Errorf("Code(%d, %d) = %d, want %d", c.bad, c.vanished, got, c.want)
		}
	}
}

// The signal that stopped one rank is known to the others by its text.
func TestStopIn(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		s := StopIn((&Stopped{sig}).Error() + " on rank 3")
		if s == nil || s.Code() != 128+int(sig) {
			t.Errorf("%v came out as %v", sig, s)
		}
	}
	if s := StopIn("source a: no such file or directory"); s != nil {
		t.Errorf("a refusal was taken for %v", s)
	}
}

func TestWatch(t *testing.T) {
	late := func() <-chan struct{} {
		c := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(c) })
		return c
	}
	synctest.Test(t, func(t *testing.T) {
		signals, died := make(chan os.Signal), make(chan int, 1)
		ctx := Watch(t.Context(), signals, late, func(code int) { died <- code })
		signals <- syscall.SIGTERM
		<-ctx.Done()
		if s := Cause(ctx); s == nil || s.Code() != 143 {
			t.Errorf("cause %v, want SIGTERM", context.Cause(ctx))
		}
		began := time.Now()
		signals <- syscall.SIGINT
		if code, after := <-died, time.Since(began); code != 130 || after != 0 {
			t.Errorf("died with %d after %v, want 130 at once", code, after)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		signals, died := make(chan os.Signal), make(chan int, 1)
		Watch(t.Context(), signals, late, func(code int) { died <- code })
		began := time.Now()
		signals <- syscall.SIGTERM
		if code, after := <-died, time.Since(began); code != 143 || after != time.Second {
			t.Errorf("died with %d after %v, want 143 when it is late", code, after)
		}
	})
}

func TestCauseOfOtherEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s := Cause(ctx); s != nil {
		t.Errorf("no signal came, but %v", s)
	}
}
