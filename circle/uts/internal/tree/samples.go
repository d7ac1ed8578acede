package tree

// Sample is a tree with the counts that its authors published.
type Sample struct {
	Name   string
	Params Params
	Count  Count // Depth or Leaves 0: not published
}

// Samples returns the trees of UTS's sample_trees.sh, from four million to
// 300 billion nodes.
func Samples() []Sample {
	return []Sample{
		{"T1", geometric(Fixed, 10, 4, 19), Count{4_130_071, 3_305_118, 10}},
		{"T2", geometric(Cyclic, 16, 6, 502), Count{4_117_769, 2_342_762, 81}},
		{"T3", binomial(0.124875, 8, 42), Count{4_112_897, 3_599_034, 1572}},
		{"T4", hybrid(16, 6, 0.234375, 4, 1), Count{4_132_453, 3_108_986, 134}},
		{"T5", geometric(Linear, 20, 4, 34), Count{4_147_582, 2_181_318, 20}},
		{"T1L", geometric(Fixed, 13, 4, 29), Count{102_181_082, 81_746_377, 13}},
		{"T2L", geometric(Cyclic, 23, 7, 220), Count{96_793_510, 53_791_152, 67}},
		{"T3L", binomial(0.200014, 5, 7), Count{111_345_631, 89_076_904, 17_844}},
		{"T1XL", geometric(Fixed, 15, 4, 29), Count{1_635_119_272, 1_308_100_063, 15}},
		{"T1XXL", geometric(Fixed, 15, 4, 19), Count{4_230_646_601, 0, 15}},
		{"T2XXL", binomial(0.499999995, 2, 0), Count{10_612_052_303, 5_306_027_151, 216_370}},
		{"T3XXL", binomial(0.499995, 2, 316), Count{2_793_220_501, 0, 0}},
		{"T1WL", geometric(Fixed, 18, 4, 19), Count{270_751_679_750, 216_601_257_283, 18}},
		{"T2WL", binomial(0.4999999995, 2, 559), Count{295_393_891_003, 147_696_946_501, 1_021_239}},
		{"T3WL", binomial(0.4999995, 2, 559), Count{157_063_495_159, 78_531_748_579, 758_577}},
	}
}

// Known returns the sample that has the parameters p, as far as its kind uses
// them.
func Known(p Params) (Sample, bool) {
	for _, s := range Samples() {
		if s.Params.used() == p.used() {
			return s, true
		}
	}
	return Sample{}, false
}

// Agrees tells whether c is what was published, as far as it was.
func (s Sample) Agrees(c Count) bool {
	return c.Nodes == s.Count.Nodes &&
		(s.Count.Leaves == 0 || c.Leaves == s.Count.Leaves) &&
		(s.Count.Depth == 0 || c.Depth == s.Count.Depth)
}

// used returns p with the default for everything that does not change the
// tree, such as the granularity.
func (p Params) used() Params {
	d := Defaults()
	p.Granularity = d.Granularity
	if p.Kind == Geometric || p.Kind == Balanced {
		p.Prob, p.Children = d.Prob, d.Children
	}
	if p.Kind == Binomial || p.Kind == Balanced {
		p.Shape = d.Shape
	}
	if p.Kind == Binomial {
		p.Depth = d.Depth
	}
	if p.Kind == Balanced {
		p.Seed = 0
	}
	if p.Kind != Hybrid {
		p.Shift = d.Shift
	}
	return p
}

func geometric(shape Shape, depth int, root float64, seed int) Params {
	p := Defaults()
	p.Kind, p.Shape, p.Depth, p.Root, p.Seed = Geometric, shape, depth, root, seed
	return p
}

func binomial(prob float64, children, seed int) Params {
	p := Defaults()
	p.Kind, p.Root, p.Prob, p.Children, p.Seed = Binomial, 2000, prob, children, seed
	return p
}

func hybrid(depth int, root, prob float64, children, seed int) Params {
	p := Defaults()
	p.Kind, p.Depth, p.Root, p.Prob, p.Children, p.Seed = Hybrid, depth, root, prob, children, seed
	return p
}
