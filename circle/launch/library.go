package launch

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// ErrNotSupported is wrapped by the error of a way that this binary or this
// node cannot go, because a library is not there or cgo was not compiled in.
var ErrNotSupported = errors.New("not supported here")

// candidates are the names under which a library is looked for: what the user
// says, else the names that its versions have.
func candidates(getenv func(string) string, variable string, names ...string) []string {
	if name := getenv(variable); name != "" {
		return []string{name}
	}
	return names
}

// abandon runs f, which calls into a library that knows no time limit, on a
// thread of its own, and stops waiting for it when ctx or the time ends. The
// thread is left behind then; the process is about to end anyway.
func abandon[T any](ctx context.Context, m meeting, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // MPI wants all calls from the thread of MPI_Init
		defer runtime.UnlockOSThread()
		v, err := f()
		done <- result{v, err}
	}()
	timer := time.NewTimer(m.Timeout)
	defer timer.Stop()
	var none T
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		return none, &MissingError{Size: m.Size, After: m.Timeout}
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// notOpened says which library could not be opened, and why not.
func notOpened(what string, reasons []string) error {
	return fmt.Errorf("%s is %w: %s", what, ErrNotSupported, strings.Join(reasons, "; "))
}
