package copier

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"gdcp/circle"
	"gdcp/copier/attrs"
	"gdcp/walker"
	"gdcp/walker/fsys"
)

// Job is one rank's part in a copy: a circle.Handler.
type Job struct {
	o     Options
	roots []Root // as rank 0 has planned it; from Greet on
	token string // rank 0: the name of the file for the ranks to see, while it is there
	// tokenDir is the directory in which that is.
	tokenDir string
	dirs     *dirCache

	found, items, bytes, failed atomic.Int64

	mu   sync.Mutex // guards free
	free []*scratch // not in use by a call of Run or Close
}

// New returns a job for this rank.
func New(o Options) (*Job, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Job{o: o}, nil
}

// scratch is what one call of Run or Close needs for itself. A worker may be
// in several at once: Spawn runs the child when the queue is full.
type scratch struct {
	buf    []byte // made when data are copied: who lists needs none
	keeper *attrs.Keeper
	lister *walker.Lister
}

func (j *Job) borrow() *scratch {
	j.mu.Lock()
	defer j.mu.Unlock()
	if last := len(j.free) - 1; last >= 0 {
		s := j.free[last]
		j.free = j.free[:last]
		return s
	}
	return &scratch{
		keeper: attrs.NewKeeper(j.o.Attrs),
		lister: walker.NewLister(0),
	}
}

func (j *Job) giveBack(s *scratch) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.free = append(j.free, s)
}

// call is one call of Run or Close: the task, and what it does it with.
type call struct {
	*Job
	*scratch
	ctx   context.Context
	task  *circle.Task
	work  work
	tally Tally
}

func (j *Job) newCall(ctx context.Context, t *circle.Task) (*call, error) {
	w, err := decodeWork(t.Body, len(j.roots))
	return &call{Job: j, ctx: ctx, task: t, work: w}, err
}

// Run runs a task.
func (j *Job) Run(ctx context.Context, t *circle.Task) {
	c, err := j.newCall(ctx, t)
	if err != nil {
		panic("copier: " + err.Error()) // ranks of one job run one program
	}
	c.scratch = j.borrow()
	defer j.giveBack(c.scratch)
	state := c.run()
	t.Value = &ran{tally: c.tally, state: state}
}

// ran is what is kept from a task's run to its close.
type ran struct {
	tally Tally
	state any // *dirState or *fileState, if there is something to finish
}

func (c *call) run() (state any) {
	switch c.work.verb {
	case verbJob:
		c.runJob()
	case verbEntry:
		c.runEntry()
	case verbDir:
		if s := c.runDir(); s != nil {
			return s
		}
	case verbBatch:
		c.runBatch()
	case verbFile:
		if s := c.runFile(); s != nil {
			return s
		}
	case verbSegment:
		c.runSegment()
	}
	return nil
}

// Close finishes a task, and returns its Tally.
func (j *Job) Close(ctx context.Context, t *circle.Task, results [][]byte) []byte {
	r := t.Value.(*ran)
	t.Value = nil
	sum := r.tally
	sum.Add(addResults(results))
	if r.state == nil || t.Dropped() {
		return sum.encode()
	}
	c, err := j.newCall(ctx, t)
	if err != nil {
		panic("copier: " + err.Error())
	}
	c.scratch = j.borrow()
	defer j.giveBack(c.scratch)
	switch s := r.state.(type) {
	case *dirState:
		c.closeDir(s)
	case *fileState:
		c.closeFile(s, &sum)
	}
	sum.Add(c.tally)
	return sum.encode()
}

// Combine adds Tallies up.
func (j *Job) Combine(results [][]byte) []byte {
	sum := addResults(results)
	return sum.encode()
}

// runJob starts with every root.
func (c *call) runJob() {
	for i := range c.roots {
		w := work{verb: verbEntry, root: i}
		if c.roots[i].Dir {
			w.verb = verbDir
		}
		c.found.Add(1)
		c.task.Spawn(w.encode())
	}
}

// Report gives what a rank reported to the Observer, on rank 0.
func (j *Job) Report(rank int, body []byte) {
	if err := deliver(j.o.Observer, rank, body); err != nil {
		panic(fmt.Sprintf("copier: rank %d: %v", rank, err)) // ranks of one job run one program
	}
}

// Counters are this rank's numbers, in the order of type Counters.
func (j *Job) Counters() []int64 {
	return []int64{j.found.Load(), j.items.Load(), j.bytes.Load(), j.failed.Load()}
}

// Progress shows all ranks' counters to the Observer, on rank 0.
func (j *Job) Progress(byRank [][]int64) {
	counters := make([]Counters, len(byRank))
	for r, n := range byRank {
		if len(n) == 4 {
			counters[r] = Counters{Found: n[0], Items: n[1], Bytes: n[2], Failed: n[3]}
		}
	}
	j.o.Observer.Progress(counters)
}

// problem counts and reports an error of the path rel below the task's root.
func (c *call) problem(class Class, rel string, err error) {
	switch class {
	case Failed:
		c.tally.Failed++
	case Lossy:
		c.tally.Lossy++
	case Vanished:
		c.tally.Vanished++
	case Changed:
		c.tally.Changed++
	}
	c.failed.Add(1)
	op, why := explain(err)
	p := Problem{Class: class, Path: c.srcPath(rel), Op: op, Cause: why, Host: c.o.Host}
	c.task.Report(p.encode())
}

// srcProblem is problem for an error of the source, which may just be gone.
func (c *call) srcProblem(rel string, err error) {
	if gone(err) {
		c.problem(Vanished, rel, err)
	} else {
		c.problem(Failed, rel, err)
	}
}

// lost reports attributes that could not be preserved; it is one loss for the
// path, however many they are.
func (c *call) lost(rel string, errs []*attrs.Error) {
	for i, err := range errs {
		c.problem(Lossy, rel, &stepError{err.Op, err.Err})
		if i > 0 {
			c.tally.Lossy--
		}
	}
}

// done counts an entry that is at the destination now.
func (c *call) done(kind fsys.Kind, rel string) {
	c.tally.Kind[kind]++
	c.items.Add(1)
	if c.o.Verbose || c.o.DryRun {
		r := &c.roots[c.work.root]
		d := Done{Src: c.srcPath(rel), Dst: join(r.Dst(), rel), Kind: kind, Dry: c.o.DryRun}
		c.task.Report(d.encode())
	}
}

// srcPath is a path as the user would write it.
func (c *call) srcPath(rel string) string {
	return join(c.roots[c.work.root].Src(), rel)
}
