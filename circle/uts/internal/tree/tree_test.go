package tree

import (
	"flag"
	"fmt"
	"testing"
)

var large = flag.Bool("large", false, "also count the published trees of 100 million nodes (half a minute)")

func TestPublishedTrees(t *testing.T) {
	limit := int64(10_000_000)
	if testing.Short() || raceDetector {
		t.Skip("the published trees take half a second each, and many with the race detector")
	}
	if *large {
		limit = 200_000_000
	}
	for _, s := range Samples() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Count.Nodes > limit {
				t.Skipf("%d nodes; see -large", s.Count.Nodes)
			}
			t.Parallel()
			if got := mustNew(t, s.Params).CountAll(); !s.Agrees(got) {
				t.Errorf("counted %+v, published %+v", got, s.Count)
			}
		})
	}
}

// The counts were made by the formulas of UTS 2.1's uts.c in C (gcc 12,
// glibc 2.36, OpenSSL's SHA1): what is not in sample_trees.sh, such as the
// exponential shape, truncation at 100 children, and balanced trees.
func TestAgainstC(t *testing.T) {
	for _, c := range []struct {
		params Params
		want   Count
	}{
		{geometric(Linear, 10, 5.5, 0), Count{227_044, 130_367, 10}},
		{geometric(Exponential, 8, 5.5, 0), Count{28_070, 14_330, 23}},
		{geometric(Exponential, 10, 4, 0), Count{30_330, 15_359, 31}},
		{geometric(Exponential, 10, 5.5, 0), Count{76_842, 39_155, 27}},
		{geometric(Cyclic, 10, 4, 0), Count{29_355, 16_724, 51}},
		{geometric(Cyclic, 12, 3, 0), Count{51_830, 28_448, 61}},
		{geometric(Fixed, 6, 5.5, 0), Count{148_760, 125_898, 6}},
		{geometric(Fixed, 3, 60, 1), Count{246_048, 241_059, 3}},
		{geometric(Fixed, 3, 60, 2), Count{1, 1, 0}},
		{rooted(binomial(0.24, 4, 0), 500.7), Count{9_561, 7_295, 42}},
		{rooted(binomial(0.24, 4, 2), 500.7), Count{23_641, 17_855, 101}},
		{rooted(binomial(0.0089, 110, 0), 50), Count{351, 347, 3}},
		{shaped(Linear, 0), Count{58_838, 46_854, 87}},
		{shaped(Exponential, 0), Count{32_093, 25_429, 87}},
		{shaped(Cyclic, 1), Count{2_246, 1_679, 22}},
		{shaped(Fixed, 1), Count{94_028, 75_400, 130}},
		{balanced(10, 3), Count{88_573, 59_049, 10}},
		{balanced(2, 150), Count{22_651, 22_500, 2}},
		{balanced(13, 2.9), Count{16_383, 8_192, 13}},
	} {
		if got := mustNew(t, c.params).CountAll(); got != c.want {
			t.Errorf("%+v: counted %+v, C %+v", c.params, got, c.want)
		}
	}
}

func TestSearchStopsAtTheLimitAndLosesNothing(t *testing.T) {
	tr := mustNew(t, geometric(Linear, 10, 5.5, 0))
	for _, limit := range []int{1, 2, 7, 1000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			var total Count
			for stack := []Node{tr.Root()}; len(stack) > 0; {
				var found Count
				found, stack = tr.Search(stack, limit)
				if found.Nodes != int64(limit) && len(stack) > 0 {
					t.Fatalf("visited %d nodes and left %d, want %d visited", found.Nodes, len(stack), limit)
				}
				total.Add(found)
			}
			if want := tr.CountAll(); total != want {
				t.Errorf("counted %+v, at once %+v", total, want)
			}
		})
	}
}

func TestSearchDoesNotAllocate(t *testing.T) {
	tr := mustNew(t, geometric(Fixed, 10, 4, 19))
	stack := make([]Node, 0, 10_000)
	allocs := testing.AllocsPerRun(10, func() {
		tr.Search(append(stack, tr.Root()), 10_000)
	})
	if allocs != 0 {
		t.Errorf("10000 nodes took %v allocations, want none", allocs)
	}
}

func TestGranularityDoesNotChangeTheTree(t *testing.T) {
	p := geometric(Linear, 8, 4, 1)
	want := mustNew(t, p).CountAll()
	p.Granularity = 5
	if got := mustNew(t, p).CountAll(); got != want {
		t.Errorf("counted %+v, with granularity 1 %+v", got, want)
	}
}

func BenchmarkSearch(b *testing.B) {
	tr := mustNew(b, geometric(Fixed, 10, 4, 19))
	b.ReportAllocs()
	for b.Loop() {
		tr.CountAll()
	}
	b.ReportMetric(4_130_071*float64(b.N)/b.Elapsed().Seconds(), "nodes/s")
}

func mustNew(t testing.TB, p Params) *Tree {
	t.Helper()
	tr, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func rooted(p Params, root float64) Params {
	p.Root = root
	return p
}

func shaped(s Shape, seed int) Params {
	p := hybrid(8, 5, 0.19, 5, seed)
	p.Shape, p.Shift = s, 0.6
	return p
}

func balanced(depth int, root float64) Params {
	p := Defaults()
	p.Kind, p.Depth, p.Root = Balanced, depth, root
	return p
}
