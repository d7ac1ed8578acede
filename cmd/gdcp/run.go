package main

import (
	"context"
	"io"

	"gdcp/circle/launch"
	"gdcp/cmd/internal/exit"
	"gdcp/cmd/internal/manual"
	"gdcp/cmd/internal/tui"
)

// environment is what a run knows of the process that it is in.
type environment struct {
	getenv func(string) string
	umask  uint32     // what the process had before it took it off
	width  func() int // of the terminal behind err; nil if there is none
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, out, err io.Writer, env environment) int {
	situation, detectErr := launch.Detect(env.getenv)
	if situation.Launcher != "" {
		env.width = nil // a launcher's terminal is not the user's
	}
	c := tui.New("gdcp", out, err, env.width)
	voice := c
	if !situation.Speaks() {
		voice = tui.New("gdcp", io.Discard, io.Discard, nil)
	}
	o, parseErr := parse(args)
	switch {
	case parseErr != nil:
		voice.Message("%v", parseErr)
		return leave(ctx, env, exit.Usage)
	case o.help:
		voice.Result(help)
		return leave(ctx, env, exit.Done)
	case o.version:
		voice.Result("gdcp " + version + "\n")
		return leave(ctx, env, exit.Done)
	case o.man:
		voice.Result(manualPage())
		return leave(ctx, env, exit.Done)
	case detectErr != nil:
		voice.Message("%v", detectErr)
		return exit.Usage
	}
	r := &copyRun{console: c, options: o, args: args, env: env, situation: situation}
	return r.run(ctx)
}

func manualPage() string { return manual.Page("gdcp", help) }

// leave takes leave of the launcher, so that it does not wait for this rank.
func leave(ctx context.Context, env environment, code int) int {
	// Without a good order the exit code is all that can be given.
	_ = launch.Leave(ctx, launch.Env{Getenv: env.getenv})
	return code
}
