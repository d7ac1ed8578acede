package main

import (
	"fmt"
	"io"
	"math"
	"time"

	"gdcp/circle/uts/internal/tree"
)

// outcome is what a search came to, as rank 0 knows it.
type outcome struct {
	count   tree.Count
	elapsed time.Duration
	ranks   []rankStats
	lost    []int // ranks that were lost; others did their work again
}

// rankStats is what one rank did.
type rankStats struct {
	Nodes, Tasks  int64 // visited; run
	Released      int64 // chunks that it made
	Stolen        int64 // chunks that came from other ranks
	Steals, Empty int64 // times that it asked for some; times in vain
}

func (s *rankStats) fields() []*int64 {
	return []*int64{&s.Nodes, &s.Tasks, &s.Released, &s.Stolen, &s.Steals, &s.Empty}
}

func (s *rankStats) add(r rankStats) {
	from := r.fields()
	for i, to := range s.fields() {
		*to += *from[i]
	}
}

// printParams prints what UTS prints before it starts.
func printParams(w io.Writer, o options, ranks party) {
	p := o.params
	fmt.Fprintf(w, "UTS - Unbalanced Tree Search 2.1 (circle)\n")
	fmt.Fprintf(w, "Tree type:  %d (%v)\n", p.Kind, p.Kind)
	fmt.Fprintf(w, "Tree shape parameters:\n")
	fmt.Fprintf(w, "  root branching factor b_0 = %.1f, root seed = %d\n", p.Root, p.Seed)
	if p.Kind == tree.Geometric || p.Kind == tree.Hybrid {
		fmt.Fprintf(w, "  GEO parameters: gen_mx = %d, shape function = %d (%v)\n", p.Depth, p.Shape, p.Shape)
	}
	if p.Kind == tree.Binomial || p.Kind == tree.Hybrid {
		mean := p.Prob * float64(p.Children)
		fmt.Fprintf(w, "  BIN parameters:  q = %f, m = %d, E(n) = %f, E(s) = %.2f\n", p.Prob, p.Children, mean, 1/(1-mean))
	}
	if p.Kind == tree.Hybrid {
		fmt.Fprintf(w, "  HYBRID:  GEO from root to depth %.0f, then BIN\n", math.Ceil(p.Shift*float64(p.Depth)))
	}
	if p.Kind == tree.Balanced {
		fmt.Fprintf(w, "  BALANCED parameters: gen_mx = %d\n", p.Depth)
	}
	fmt.Fprintf(w, "Random number generator: SHA-1 (state size = %dB)\n", len(tree.State{}))
	fmt.Fprintf(w, "Compute granularity: %d\n", p.Granularity)
	fmt.Fprintf(w, "Execution strategy:  Parallel search on %d rank(s) of %d worker(s), over %s\n", ranks.size, o.workers, ranks.over)
	fmt.Fprintf(w, "   Load balance by work stealing, chunk size = %d nodes, interval = %d nodes\n\n", o.chunk, o.interval)
}

// printStats prints what UTS prints at the end: for -v 0 its one line for
// machines, in its columns.
func printStats(w io.Writer, o options, out outcome) {
	seconds, n := out.elapsed.Seconds(), len(out.ranks)
	c, rate := out.count, float64(out.count.Nodes)/out.elapsed.Seconds()
	if o.verbose == 0 {
		p := o.params
		fmt.Fprintf(w, "%4d %7.3f %9d %7.0f %7.0f %d %d %.2f %d %d %1d %f %3d\n",
			n, seconds, c.Nodes, rate, rate/float64(n), o.chunk,
			p.Kind, p.Root, p.Seed, p.Depth, p.Shape, p.Prob, p.Children)
		return
	}
	fmt.Fprintf(w, "Tree size = %d, tree depth = %d, num leaves = %d (%.2f%%)\n",
		c.Nodes, c.Depth, c.Leaves, 100*float64(c.Leaves)/float64(c.Nodes))
	fmt.Fprintf(w, "Wallclock time = %.3f sec, performance = %.0f nodes/sec (%.0f nodes/sec per PE)\n",
		seconds, rate, rate/float64(n))
	printSteals(w, out.ranks, o.verbose)
	for _, r := range out.lost {
		fmt.Fprintf(w, "rank %d was lost; what it had in hand was done again\n", r)
	}
}

func printSteals(w io.Writer, ranks []rankStats, verbose int) {
	var sum rankStats
	least, most := ranks[0].Nodes, ranks[0].Nodes
	for _, r := range ranks {
		sum.add(r)
		least, most = min(least, r.Nodes), max(most, r.Nodes)
	}
	fmt.Fprintf(w, "Total chunks released = %d, of which %d stolen by %d steals; failed steals = %d\n",
		sum.Released, sum.Stolen, sum.Steals-sum.Empty, sum.Empty)
	fmt.Fprintf(w, "Nodes per rank = %d to %d, nodes per task = %.0f\n", least, most, float64(sum.Nodes)/float64(sum.Tasks))
	if verbose < 2 {
		return
	}
	for i, r := range ranks {
		fmt.Fprintf(w, "rank %d: %d nodes, %d tasks, released %d chunks, stole %d by %d steals; failed steals = %d\n",
			i, r.Nodes, r.Tasks, r.Released, r.Stolen, r.Steals-r.Empty, r.Empty)
	}
}

// verdict compares with what the tree's authors published, if this is one of
// their trees.
func verdict(w io.Writer, o options, c tree.Count) error {
	s, ok := tree.Known(o.params)
	if !ok {
		return nil
	}
	if !s.Agrees(c) {
		return fmt.Errorf("the published counts of %s are %d nodes, depth %d, %d leaves: this search is wrong",
			s.Name, s.Count.Nodes, s.Count.Depth, s.Count.Leaves)
	}
	if o.verbose > 0 {
		fmt.Fprintf(w, "These are the published counts of %s.\n", s.Name)
	}
	return nil
}
