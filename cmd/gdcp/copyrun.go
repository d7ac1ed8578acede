package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"gdcp/circle"
	"gdcp/circle/launch"
	"gdcp/cmd/internal/exit"
	"gdcp/cmd/internal/outfile"
	"gdcp/cmd/internal/problems"
	"gdcp/cmd/internal/tui"
	"gdcp/cmd/internal/units"
	"gdcp/copier"
	"gdcp/walker/fsys"
)

// copyRun is a run that copies.
type copyRun struct {
	console   *tui.Console
	options   options
	args      []string
	env       environment
	situation launch.Situation

	began    time.Time
	crew     *crew
	observer *observer
	stats    *outfile.Replacement // nil if none was asked for
	errors   *os.File             // the same
}

func (r *copyRun) run(ctx context.Context) int {
	r.began = time.Now()
	crew, err := meet(ctx, r.env, r.situation, &r.options)
	if err != nil {
		return r.notMet(ctx, err)
	}
	r.crew = crew
	r.observer = &observer{
		console: r.console, options: &r.options, every: r.every(), log: r.openFiles,
		banner: r.banner, problems: problems.New(r.console, false, nil), // until the files are open
	}
	defer crew.leave()
	job, err := newJob(&r.options, r.env, crew, r.observer)
	if err != nil {
		return r.notMet(ctx, err)
	}
	out, err := runJob(ctx, crew, job, r.options.workers)
	r.observer.end()
	if crew.Rank == 0 {
		return r.finish(ctx, job, out, err)
	}
	if err == nil {
		crew.awaitRankZero()
	}
	return r.other(ctx, err)
}

// every is the time between two lines of progress.
func (r *copyRun) every() time.Duration {
	switch {
	case r.options.quiet:
		return 0
	case r.options.progressGiven:
		return r.options.progress
	case r.console.HasStatus():
		return time.Second
	}
	return 10 * time.Second
}

func (r *copyRun) banner(roots []copier.Root) {
	printBanner(r.console, &r.options, r.crew, roots)
}

// openFiles opens what was asked for besides the copy.
func (r *copyRun) openFiles() (log *problems.Log, err error) {
	perm := fs.FileMode(0o666 &^ r.env.umask)
	var file io.Writer
	if path := r.options.errorsFile; path != "" {
		if r.errors, err = outfile.Append(path, perm); err != nil {
			return nil, fmt.Errorf("--errors %s: %w", fsys.Quote(path), withoutPath(err))
		}
		file = r.errors
	}
	if path := r.options.statsFile; path != "" {
		if r.stats, err = outfile.Prepare(path, perm); err != nil {
			return nil, fmt.Errorf("--stats %s: %w", fsys.Quote(path), withoutPath(err))
		}
	}
	return problems.New(r.console, r.crew.Size > 1, file), nil
}

// withoutPath is the cause in an error, where the path was said already.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// notMet says why the ranks did not find each other.
func (r *copyRun) notMet(ctx context.Context, err error) int {
	stopped := exit.Cause(ctx)
	if stopped != nil {
		err = fmt.Errorf("%w, before the ranks had met; nothing was copied", stopped)
	}
	if stopped != nil && r.situation.Speaks() || stopped == nil && mustSay(r.situation, err) {
		r.console.Message("%v", err)
	}
	if stopped != nil {
		return stopped.Code()
	}
	return exit.Usage
}

// other ends a rank that is not rank 0. How the job went is for rank 0 to say;
// this is about the rank itself.
func (r *copyRun) other(ctx context.Context, err error) int {
	var lost *circle.LostError
	stopped := exit.Cause(ctx)
	switch {
	case err == nil && stopped != nil:
		// hydra loses a rank's exit code now and then when it is told to
		// stop, but not those of all ranks.
		return stopped.Code()
	case err == nil:
		return exit.Done
	case errors.Is(err, circle.ErrEvicted):
		// Rank 0 goes on without it, and says so; an exit code other than 0
		// would have the launcher end that too.
		r.console.Message("%s: %v; this rank ends", r.crew.where(), err)
		return exit.Done
	case errors.As(err, &lost):
		r.console.Message("%s: %v; the copy is not complete, this rank ends", r.crew.where(), lost)
		return exit.Partial
	}
	r.console.Message("%s: %v", r.crew.where(), err)
	return exit.Partial
}

// finish ends rank 0, and with it the job.
func (r *copyRun) finish(ctx context.Context, job *rankJob, out circle.Outcome, err error) int {
	stopped := exit.Cause(ctx)
	if stopped == nil && out.Cancelled {
		stopped = exit.StopIn(out.Why)
	}
	if out.Cancelled && stopped == nil {
		r.console.Message("%s", out.Why)
		return exit.Usage
	}
	o := &outcome{
		byRank: r.observer.byRank, lost: out.Lost, stopped: stopped, began: r.began,
		groups: r.observer.problems.Groups(), elapsed: time.Since(r.began),
	}
	if !r.observer.planned.IsZero() {
		o.working = time.Since(r.observer.planned)
	}
	if !out.Cancelled && err == nil {
		tally, errs := job.Verdict(out)
		o.tally, o.errs = &tally, errs
	}
	if err != nil {
		o.errs = append(o.errs, err)
	}
	return r.conclude(o)
}

// conclude says how the job went, and returns its exit code.
func (r *copyRun) conclude(o *outcome) int {
	if err := r.closeErrors(); err != nil {
		o.errs = append(o.errs, err)
	}
	if o.stopped != nil {
		done := o.done()
		r.console.Message("%v after %s: %s and %s are copied; the copy is not complete", o.stopped,
			units.Duration(o.elapsed), units.Things(done.Items, "entry", "entries"), units.Size(done.Bytes))
	}
	for _, err := range o.errs {
		r.console.Message("%v", err)
	}
	if !r.options.quiet {
		for _, h := range hints(o.groups) {
			r.console.Hint("%s", h)
		}
		r.console.Result(summary(&r.options, o))
	}
	if err := r.console.ResultError(); err != nil {
		o.errs = append(o.errs, fmt.Errorf("standard output: %w", withoutPath(err)))
		r.console.Message("%v", o.errs[len(o.errs)-1])
	}
	o.code = o.worst()
	if err := r.writeStats(o); err != nil {
		r.console.Message("--stats %s: %v", fsys.Quote(r.options.statsFile), withoutPath(err))
		return cmp.Or(o.code, exit.Partial)
	}
	return o.code
}

func (r *copyRun) closeErrors() error {
	if r.errors == nil {
		return nil
	}
	err := r.observer.problems.Flush()
	if closeErr := r.errors.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("--errors %s: %w", fsys.Quote(r.options.errorsFile), withoutPath(closeErr))
	}
	return err
}

func (r *copyRun) writeStats(o *outcome) error {
	if r.stats == nil {
		return nil
	}
	b, err := makeStats(r.args, &r.options, r.crew, r.observer.roots, o)
	if err != nil {
		return err
	}
	return r.stats.Write(b)
}
