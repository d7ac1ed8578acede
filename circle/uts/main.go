package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"gdcp/circle/launch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}

// run is main without the process. It returns the exit code: 0, or 1 for
// whatever went wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	where, err := launch.Detect(getenv)
	o, optErr := parse(args)
	switch {
	case errors.Is(optErr, errHelp):
		return leave(ctx, where, getenv, stdout, usage, 0)
	case optErr != nil:
		err = optErr
	case err == nil:
		err = o.fits(where)
	}
	if err != nil {
		return leave(ctx, where, getenv, stderr, fmt.Sprintf("uts: %v\n", err), 1)
	}
	p, err := gather(ctx, o, where, getenv)
	if err == nil {
		err = perform(ctx, o, p, stdout)
	}
	if err != nil {
		if where.Speaks() || !errors.Is(err, errStopped) { // that, rank 0 says for all
			fmt.Fprintf(stderr, "uts: %v\n", err)
		}
		return 1
	}
	return 0
}

// perform searches, and prints on rank 0 what UTS prints.
func perform(ctx context.Context, o options, p party, stdout io.Writer) error {
	isFirst := p.transports[0].Rank() == 0
	if isFirst && o.verbose > 0 {
		printParams(stdout, o, p)
	}
	out, err := runRanks(ctx, o, p.transports)
	if err != nil || !isFirst {
		return err
	}
	printStats(stdout, o, out)
	return verdict(stdout, o, out.count)
}

// leave says, once for the whole job, why there is no search, and goes in such
// a way that the launcher ends the job and does not wait for it.
func leave(ctx context.Context, where launch.Situation, getenv func(string) string, w io.Writer, text string, code int) int {
	if where.Speaks() {
		fmt.Fprint(w, text)
	}
	// Why there was no good order is of no use to anybody: this is the end.
	_ = launch.Leave(ctx, launch.Env{Getenv: getenv})
	return code
}
