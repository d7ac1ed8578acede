package main

import (
	"sync"
	"time"

	"gdcp/cmd/internal/problems"
	"gdcp/cmd/internal/progress"
	"gdcp/cmd/internal/tui"
	"gdcp/copier"
	"gdcp/walker/fsys"
)

// observer is rank 0's copier.Observer: it says what happens, and keeps what
// the summary wants to know.
type observer struct {
	console *tui.Console
	options *options
	every   time.Duration                 // between lines of progress; 0 for none
	banner  func(roots []copier.Root)     // prints it
	log     func() (*problems.Log, error) // opens the files; called once, first of all

	mu       sync.Mutex // guards all below: a worker that was left behind may still report
	over     bool       // the summary is being written; what comes now is not heard
	roots    []copier.Root
	planned  time.Time // when work could start; zero before
	problems *problems.Log
	meter    *progress.Meter
	byRank   []copier.Counters
}

// open opens the files that the job will write to.
func (o *observer) open() error {
	log, err := o.log()
	if err == nil {
		o.problems = log
	}
	return err
}

// Planned implements copier.Observer.
func (o *observer) Planned(roots []copier.Root) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.roots, o.planned = roots, time.Now()
	if !o.options.quiet {
		o.banner(roots)
	}
	o.meter = progress.New(o.console, o.every)
}

// Problem implements copier.Observer.
func (o *observer) Problem(p copier.Problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.over {
		o.problems.Add(p)
	}
}

// Done implements copier.Observer.
func (o *observer) Done(d copier.Done) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over || o.options.quiet {
		return
	}
	line := "'" + fsys.Quote(d.Src) + "' -> '" + fsys.Quote(d.Dst) + "'\n"
	if d.Dry {
		line = "would copy " + line
	}
	o.console.Result(line)
}

// Progress implements copier.Observer.
func (o *observer) Progress(byRank []copier.Counters) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return
	}
	o.byRank = byRank
	_ = o.problems.Flush() // the error stays, and is told at the end
	if o.meter == nil {
		return
	}
	sum := total(byRank)
	o.meter.Show(progress.Sample{Found: sum.Found, Entries: sum.Items, Bytes: sum.Bytes, Problems: sum.Failed})
}

// end stops listening, and takes the status line away.
func (o *observer) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
	if o.meter != nil {
		o.meter.Stop()
	}
}

func total(byRank []copier.Counters) (sum copier.Counters) {
	for _, c := range byRank {
		sum.Found += c.Found
		sum.Items += c.Items
		sum.Bytes += c.Bytes
		sum.Failed += c.Failed
	}
	return sum
}
