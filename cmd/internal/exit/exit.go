// Package exit names the exit codes that all commands share, and what signals
// make of them.
package exit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// The exit codes.
const (
	Done     = 0
	Usage    = 1  // called wrongly, or nothing could start
	Partial  = 23 // some paths failed; rsync's code for the same
	Vanished = 24 // only sources vanished or changed meanwhile; rsync's too
)

// Stopped is the cause of a context that a signal ended.
type Stopped struct{ Signal syscall.Signal }

// names are the signals that commands stop for.
func names() map[syscall.Signal]string {
	return map[syscall.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM"}
}

// Error names the signal. It travels between ranks as it is: see StopIn.
func (s *Stopped) Error() string { return "stopped by " + names()[s.Signal] }

// Code is what a shell makes of a death by the signal.
func (s *Stopped) Code() int { return 128 + int(s.Signal) }

// StopIn finds the signal in what a rank says of why it stopped, which is
// Stopped's text with more behind it; nil if it was none.
func StopIn(why string) *Stopped {
	for sig := range names() {
		if s := (&Stopped{sig}); strings.HasPrefix(why, s.Error()) {
			return s
		}
	}
	return nil
}

// Cause is the signal that ended ctx; nil if none did.
func Cause(ctx context.Context) *Stopped {
	var s *Stopped
	errors.As(context.Cause(ctx), &s)
	return s
}

// Watch returns a context that ends, with a *Stopped as its cause, when a
// signal comes. signals are those of SIGINT and SIGTERM that os/signal
// delivers. At a second one die is called with the exit code: who waits for
// a file server that does not answer wants to get out. The same happens when
// the first one has not led to the end within what late delivers.
func Watch(ctx context.Context, signals <-chan os.Signal, late func() <-chan struct{}, die func(code int)) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		s, ok := stop(<-signals)
		if !ok {
			return
		}
		cancel(s)
		select {
		case sig := <-signals:
			if again, ok := stop(sig); ok {
				s = again
			}
		case <-late():
		}
		die(s.Code())
	}()
	return ctx
}

func stop(sig os.Signal) (*Stopped, bool) {
	s, ok := sig.(syscall.Signal)
	return &Stopped{s}, ok
}

// Code is the exit code for how often paths failed or lost something, and how
// often sources vanished or changed.
func Code(bad, vanished int64) int {
	switch {
	case bad > 0:
		return Partial
	case vanished > 0:
		return Vanished
	}
	return Done
}

// Describe says what a code means, for reports.
func Describe(code int) string {
	switch code {
	case Done:
		return "all done"
	case Usage:
		return "not started"
	case Partial:
		return "some paths failed"
	case Vanished:
		return "some sources vanished or changed meanwhile"
	}
	return fmt.Sprintf("stopped by signal %d", code-128)
}
