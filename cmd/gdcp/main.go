package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"gdcp/cmd/internal/exit"
)

//go:generate sh -c "go run . --man >gdcp.1.new && mv gdcp.1.new ../../docs/gdcp.1"

// version is stamped by the linker.
var version = "0.0.0-dev"

// lateAfter is how long after a signal the process may still be there. The job
// ends by itself much sooner, unless writing to a terminal or a pipe blocks.
const lateAfter = 1500 * time.Millisecond

func main() {
	// The modes of what is copied are its source's, whatever the umask.
	umask := syscall.Umask(0)
	ctx := exit.Watch(context.Background(), signals(), late, os.Exit)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, environment{
		getenv: os.Getenv,
		umask:  uint32(umask),
		width:  terminal(os.Stderr),
	}))
}

func late() <-chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(lateAfter, func() { close(c) })
	return c
}

// signals are those that stop a job. One that is ignored from the start, as
// SIGINT is in the background of a shell script, stays ignored.
func signals() <-chan os.Signal {
	c := make(chan os.Signal, 2)
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if !signal.Ignored(sig) {
			signal.Notify(c, sig)
		}
	}
	return c
}

// terminal returns what tells the width of the terminal that f is; nil if it
// is none, or one that cannot move its cursor.
func terminal(f *os.File) func() int {
	fd := int(f.Fd())
	if os.Getenv("TERM") == "dumb" || !term.IsTerminal(fd) {
		return nil
	}
	return func() int {
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			return width
		}
		return 80
	}
}
