package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"gdcp/circle"
	"gdcp/circle/uts/internal/tree"
)

// runRanks searches the tree that o describes with the ranks of this process,
// to which the transports belong, and closes these. The outcome is rank 0's;
// where rank 0 is in another process there is none, and it is zero.
func runRanks(ctx context.Context, o options, transports []circle.Transport) (outcome, error) {
	t, err := tree.New(o.params)
	if err != nil {
		return outcome{}, err
	}
	outcomes := make([]outcome, len(transports))
	var ranks errgroup.Group
	for i, tr := range transports {
		ranks.Go(func() (err error) {
			outcomes[i], err = newSearch(t, o).join(ctx, tr, o.workers)
			_ = tr.Close() // the job is over for this rank: nothing that counts is lost with it
			return err
		})
	}
	err = ranks.Wait()
	for i, tr := range transports {
		if tr.Rank() == 0 {
			return outcomes[i], err
		}
	}
	return outcome{}, err
}

// join takes part in the search as one rank. Rank 0 has the outcome.
func (s *search) join(ctx context.Context, tr circle.Transport, workers int) (outcome, error) {
	node := circle.New(circle.Config{Rank: tr.Rank(), Size: tr.Size(), Root: s.root()})
	s.stats = node.Stats
	began := time.Now()
	out, err := circle.Run(ctx, node, tr, s, workers)
	switch {
	case err != nil:
		return outcome{}, fmt.Errorf("rank %d: %w", tr.Rank(), err)
	case out.Cancelled:
		return outcome{}, fmt.Errorf("%w: %s", errStopped, out.Why)
	case tr.Rank() != 0:
		return outcome{}, nil
	}
	return newOutcome(out, time.Since(began)), nil
}

// errStopped is wrapped by the error of a search that was cancelled.
var errStopped = errors.New("stopped")

func newOutcome(out circle.Outcome, elapsed time.Duration) outcome {
	o := outcome{count: decodeCount(out.Result), elapsed: elapsed, lost: out.Lost}
	for _, card := range out.Cards {
		o.ranks = append(o.ranks, decodeStats(card))
	}
	return o
}
