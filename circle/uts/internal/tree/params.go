package tree

import (
	"fmt"
	"math"
)

// Kind is how the children of a node are drawn. The numbers are UTS's (-t).
type Kind int

// The kinds of UTS.
const (
	// Binomial nodes have Params.Children children with probability
	// Params.Prob, else none. The root has Params.Branch.
	Binomial Kind = iota
	// Geometric nodes have a geometrically distributed number of children,
	// the mean of which is given by the Shape.
	Geometric
	// Hybrid trees are geometric down to the height Shift times Depth, and
	// binomial below.
	Hybrid
	// Balanced nodes have Branch children each, down to Depth.
	Balanced
)

func (k Kind) String() string {
	return name(int(k), "Binomial", "Geometric", "Hybrid", "Balanced")
}

// Shape is the mean number of children of a geometric node as a function of
// its height. The root always has Params.Branch. The numbers are UTS's (-a).
type Shape int

// The shapes of UTS.
const (
	// Linear goes down from Branch to none at Depth.
	Linear Shape = iota
	// Exponential goes down polynomially, so that the expected size of a
	// level is; it reaches one child at Depth.
	Exponential
	// Cyclic goes up and down between Branch and its inverse with the period
	// Depth, and ends after five periods.
	Cyclic
	// Fixed is Branch down to Depth.
	Fixed
)

func (s Shape) String() string {
	return name(int(s), "Linear decrease", "Exponential decrease", "Cyclic", "Fixed branching factor")
}

func name(i int, names ...string) string {
	if i < 0 || i >= len(names) {
		return fmt.Sprintf("unknown (%d)", i)
	}
	return names[i]
}

// Params describes a tree. The letters are UTS's options.
type Params struct {
	Kind  Kind    // -t
	Shape Shape   // -a, of geometric and hybrid trees
	Depth int     // -d, height at which the shape ends; not used by binomial trees
	Root  float64 // -b, b_0, the mean (binomial: exact) number of the root's children
	Seed  int     // -r, 0 <= Seed < 2^31

	Prob     float64 // -q, of a binomial node to have children
	Children int     // -m, how many it then has
	Shift    float64 // -f, where hybrid trees become binomial, as a fraction of Depth

	Granularity int // -g, how many times the state of a child is computed
}

// Defaults returns the parameters with which UTS starts.
func Defaults() Params {
	return Params{
		Kind: Geometric, Shape: Linear, Depth: 6, Root: 4,
		Prob: 15.0 / 64.0, Children: 4, Shift: 0.5, Granularity: 1,
	}
}

// Validate says in one line what is wrong, by UTS's letters. It also refuses
// what UTS would compute from a NaN. It does not ask for q*m below 1, although
// the binomial tree may then have no end: the published T3L is such a tree,
// and has one.
func (p Params) Validate() error {
	for _, check := range []func() error{p.validateNumbers, p.validateGeometric, p.validateBinomial} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Params) validateNumbers() error {
	switch {
	case p.Kind < Binomial || p.Kind > Balanced:
		return fmt.Errorf("-t %d: the tree types are 0 (binomial), 1 (geometric), 2 (hybrid) and 3 (balanced)", p.Kind)
	case !(p.Root >= 0 && p.Root <= math.MaxInt32):
		return fmt.Errorf("-b %v: the root's number of children must be between 0 and 2^31-1", p.Root)
	case p.Seed < 0 || p.Seed > math.MaxInt32:
		return fmt.Errorf("-r %d: the seed must be between 0 and 2^31-1", p.Seed)
	case p.Granularity < 1:
		return fmt.Errorf("-g %d: the compute granularity must be at least 1", p.Granularity)
	case p.Kind != Binomial && (p.Depth < 1 || p.Depth > math.MaxInt32):
		return fmt.Errorf("-d %d: the depth must be between 1 and 2^31-1", p.Depth)
	}
	return nil
}

func (p Params) validateGeometric() error {
	if p.Kind != Geometric && p.Kind != Hybrid {
		return nil
	}
	switch {
	case p.Shape < Linear || p.Shape > Fixed:
		return fmt.Errorf("-a %d: the shapes are 0 (linear), 1 (exponential), 2 (cyclic) and 3 (fixed)", p.Shape)
	case p.Shape == Exponential && p.Depth < 2:
		return fmt.Errorf("-a 1 -d %d: the exponential shape needs a depth of at least 2", p.Depth)
	case p.Shape == Exponential && p.Root != 0 && p.Root < 1:
		return fmt.Errorf("-a 1 -b %v: below 1, the exponential shape grows with the depth and has no end", p.Root)
	case p.Kind == Hybrid && !(p.Shift >= 0 && p.Shift <= math.MaxInt32):
		return fmt.Errorf("-f %v: the shift depth must be between 0 and 2^31-1", p.Shift)
	}
	return nil
}

func (p Params) validateBinomial() error {
	if p.Kind != Binomial && p.Kind != Hybrid {
		return nil
	}
	switch {
	case !(p.Prob >= 0 && p.Prob <= 1):
		return fmt.Errorf("-q %v: a probability is between 0 and 1", p.Prob)
	case p.Children < 0:
		return fmt.Errorf("-m %d: the number of children must not be negative", p.Children)
	}
	return nil
}
