package circle

import "context"

// Handler is the application: what the tasks mean. Run calls its methods from
// many goroutines at once, for different tasks.
//
// A task may be run more than once in a job, but only when a rank was lost:
// what it had in hand is then run again elsewhere, after every other rank has
// stopped working on what came through the lost one. So a task has to be
// repeatable, and its last run has to win.
type Handler interface {
	// Run does the task's own work and calls t.Spawn for what it leaves to
	// others (and which, when there is much already, runs inside of Spawn). It reports what went wrong by way of Close's result or of
	// Task.Report; to a circle, no task fails.
	Run(ctx context.Context, t *Task)

	// Close is called on the rank that ran t, once for every Run, when t has run
	// and everything that it spawned has closed, wherever that was. results are what Close
	// returned for the children, in no order, without the empty ones, and
	// partly folded together where the handler is a Combiner. What Close
	// returns is t's own result, for its parent.
	//
	// When t.Dropped(), the subtree is given up (the job is cancelled, or this
	// is work of a lost rank that is done again elsewhere): Close must only
	// release what Run took hold of, and finish nothing.
	Close(ctx context.Context, t *Task, results [][]byte) (result []byte)
}

// Combiner is a Handler whose results can be folded, so that a task with a
// million children holds a few of their results and not a million.
type Combiner interface {
	// Combine returns one result that stands for all of results (at least
	// two). It is pure, and associative up to order. It may reuse the memory
	// of results[0].
	Combine(results [][]byte) []byte
}

// Greeter is a Handler that wants to hear from every rank before work starts,
// for example to compare what they see.
type Greeter interface {
	// Ask is called on rank 0 first of all, and makes the question that every
	// rank gets. An error ends the job on all ranks before it has begun.
	Ask(ctx context.Context) (question []byte, err error)
	// Greet is called on every rank, and its result is sent to rank 0.
	Greet(ctx context.Context, question []byte) (card []byte)
	// Start is called on rank 0 with every rank's card, by rank. It returns
	// the body of the root task, or the error with which the job ends on all
	// ranks before it has begun.
	Start(ctx context.Context, cards [][]byte) (root []byte, err error)
}

// Finisher is a Handler that has work to do on every rank after the last task
// has closed, such as making durable what was written.
type Finisher interface {
	// Finish is called once on every rank, and its result is sent to rank 0,
	// where Run returns it. It is called after a cancel as well, and then has
	// less than a second: ctx ends.
	Finish(ctx context.Context, cancelled bool) (card []byte)
}

// Reporter is a Handler of which rank 0 wants to hear reports (Task.Report)
// and progress.
type Reporter interface {
	// Report is called on rank 0 with what a rank passed to Task.Report: in
	// order for a rank, and before Run returns. Calls of Report and Progress
	// never overlap.
	Report(rank int, body []byte)
	// Counters returns this rank's counters as they stand: numbers that only
	// grow. Every rank returns as many, at most 1,024.
	Counters() []int64
	// Progress is called on rank 0 with the last known counters of every rank,
	// by rank; nil where none is known yet. The slices are the callee's to keep.
	Progress(counters [][]int64)
}
