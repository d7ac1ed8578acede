package circletest

import (
	"fmt"
	"time"
)

// ScaleJob is the job by which the protocol is measured at size: tasks of a
// millisecond (a batch of small files), an InfiniBand-like latency of 20 µs,
// an unbalanced tree of about perRank tasks for each rank.
func ScaleJob(ranks, perRank int, seed uint64) SimConfig {
	const below = 118 // mean size of the tree below a child of the root
	return SimConfig{
		Ranks:   ranks,
		Seed:    seed,
		Latency: 20 * time.Microsecond,
		Tree:    Tree{Seed: seed, Depth: 14, Wide: 6, Fan: ranks*perRank/below + 1, Task: time.Millisecond},
	}
}

// Line is a report as one row of the table in docs/scale.md.
func (r SimReport) Line(c SimConfig) string {
	return fmt.Sprintf("%6d ranks, %9d tasks: %.2f messages a task, %.3f steals a task, %4.1f %% idle, span %v, all know after %v",
		c.Ranks, r.Tasks, float64(r.Messages)/float64(r.Tasks), float64(r.Steals)/float64(r.Tasks),
		100*r.Idle(c.Ranks*max(c.Workers, 1)), r.Span.Round(time.Millisecond), r.Known)
}
