package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"gdcp/circle"
	"gdcp/circle/uts/internal/tree"
)

// search is UTS as a circle.Handler: a task is a chunk of nodes, its result
// the count of their subtrees. One search serves all workers of a rank.
type search struct {
	tree *tree.Tree
	// chunk is how many nodes a task starts with (UTS's -c).
	chunk int
	// interval is how many nodes a task visits before it hands on the rest
	// (UTS's -i, where it is the nodes between looks for thieves).
	interval int

	// stats returns the circle's own counts of this rank, for its card.
	stats func() circle.Stats

	stacks sync.Pool // of *[]tree.Node, empty
	nodes  atomic.Int64
	tasks  atomic.Int64
}

func newSearch(t *tree.Tree, o options) *search {
	s := &search{tree: t, chunk: o.chunk, interval: o.interval}
	s.stacks.New = func() any {
		stack := make([]tree.Node, 0, 64)
		return &stack
	}
	return s
}

// root is the body of the first task: a chunk with the root alone.
func (s *search) root() []byte { return encodeNodes([]tree.Node{s.tree.Root()}) }

// Run searches depth first, on a stack of its own, and spawns what is left
// then: the oldest nodes first, which have the largest subtrees and are the
// first to be stolen. The newest are this rank's next task.
func (s *search) Run(_ context.Context, t *circle.Task) {
	buffer := s.stacks.Get().(*[]tree.Node)
	count, rest := s.visit(t, appendNodes((*buffer)[:0], t.Body))
	for chunk := range slices.Chunk(rest, s.chunk) {
		t.Spawn(encodeNodes(chunk))
	}
	*buffer = rest[:0]
	s.stacks.Put(buffer)

	t.Value = count
	s.nodes.Add(count.Nodes)
	s.tasks.Add(1)
}

// visit searches for an interval, and for another as long as all that is left
// is one chunk: to spawn that would leave nothing to be stolen, and lengthen
// the line of tasks that wait for it.
func (s *search) visit(t *circle.Task, stack []tree.Node) (count tree.Count, rest []tree.Node) {
	for {
		var found tree.Count
		found, stack = s.tree.Search(stack, s.interval)
		count.Add(found)
		if len(stack) == 0 || len(stack) > s.chunk || t.Dropped() {
			return count, stack
		}
	}
}

// Close adds up. What a dropped task counted is not wanted: it is counted
// again where it is done again.
func (s *search) Close(_ context.Context, t *circle.Task, results [][]byte) []byte {
	if t.Dropped() {
		return nil
	}
	total := t.Value.(tree.Count)
	for _, r := range results {
		total.Add(decodeCount(r))
	}
	return encodeCount(total)
}

// Combine makes one count of many.
func (s *search) Combine(results [][]byte) []byte {
	var total tree.Count
	for _, r := range results {
		total.Add(decodeCount(r))
	}
	return encodeCount(total)
}

// Finish returns what this rank did, for rank 0's report.
func (s *search) Finish(context.Context, bool) []byte {
	c := s.stats()
	return encodeStats(rankStats{
		Nodes: s.nodes.Load(), Tasks: s.tasks.Load(),
		Released: int64(c.Created), Stolen: int64(c.Borrowed),
		Steals: int64(c.Steals), Empty: int64(c.EmptySteals),
	})
}

var (
	_ circle.Handler  = (*search)(nil)
	_ circle.Combiner = (*search)(nil)
	_ circle.Finisher = (*search)(nil)
)
