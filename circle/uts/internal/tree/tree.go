package tree

import "math"

// MaxChildren is the most that a node is given, but for the root of a binomial
// tree and the nodes of a balanced one (UTS's MAXNUMCHILDREN).
const MaxChildren = 100

// Tree is a tree that nobody has built: it makes any node's children from the
// node. It is immutable, and safe for any number of goroutines.
type Tree struct {
	params Params
	shift  float64   // hybrid: the first height that is binomial
	logs   []float64 // logFailure by height, for the first heights
}

// New returns the tree that p describes.
func New(p Params) (*Tree, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	t := &Tree{params: p, shift: p.Shift * float64(p.Depth)}
	if p.Kind == Geometric || p.Kind == Hybrid {
		t.logs = p.logTable()
	}
	return t, nil
}

// Params returns what New was given.
func (t *Tree) Params() Params { return t.params }

// Root returns the root.
func (t *Tree) Root() Node { return Node{State: seedState(t.params.Seed)} }

// Expand appends the children of n to dst. n must not be a part of dst: an
// append moves it.
func (t *Tree) Expand(n *Node, dst []Node) []Node {
	spawn := newSpawner(&n.State)
	for i := range t.Children(n) {
		dst = append(dst, Node{State: spawn.child(i, t.params.Granularity), Height: n.Height + 1})
	}
	return dst
}

// Children is how many children n has: uts_numChildren of UTS's uts.c.
func (t *Tree) Children(n *Node) int {
	p := &t.params
	switch {
	case p.Kind == Balanced:
		return t.balanced(n)
	case p.Kind == Binomial && n.Height == 0:
		return int(p.Root)
	case p.Kind == Binomial, p.Kind == Hybrid && float64(n.Height) >= t.shift:
		return min(t.binomial(n), MaxChildren)
	default:
		return min(t.geometric(n), MaxChildren)
	}
}

func (t *Tree) balanced(n *Node) int {
	if int(n.Height) >= t.params.Depth {
		return 0
	}
	return int(t.params.Root)
}

func (t *Tree) binomial(n *Node) int {
	if n.State.uniform() >= t.params.Prob {
		return 0
	}
	return t.params.Children
}

// geometric inverts the cumulative distribution function: how many failures
// before the first success, when the chance of all of them is the node's
// random number.
func (t *Tree) geometric(n *Node) int {
	return int(math.Floor(math.Log(1-n.State.uniform()) / t.logFailure(n.Height)))
}

func (t *Tree) logFailure(height uint32) float64 {
	if int(height) < len(t.logs) {
		return t.logs[height]
	}
	return t.params.logFailure(int(height))
}
