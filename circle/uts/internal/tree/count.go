package tree

// Count is what a search finds out: how many nodes there are, how many of
// them have no children, and how far down they go.
type Count struct {
	Nodes, Leaves int64
	Depth         uint32
}

// Add takes in what was counted elsewhere.
func (c *Count) Add(d Count) {
	c.Nodes += d.Nodes
	c.Leaves += d.Leaves
	c.Depth = max(c.Depth, d.Depth)
}

// Search visits at most limit nodes of the subtrees under stack, depth first
// from its end, and counts them. What is left of the stack is returned, the
// oldest and usually largest subtrees first.
func (t *Tree) Search(stack []Node, limit int) (found Count, rest []Node) {
	for ; len(stack) > 0 && limit > 0; limit-- {
		top := len(stack) - 1
		n := stack[top]
		stack = t.Expand(&n, stack[:top])
		found.Nodes++
		found.Depth = max(found.Depth, n.Height)
		if len(stack) == top {
			found.Leaves++
		}
	}
	return found, stack
}

// CountAll counts the whole tree, alone.
func (t *Tree) CountAll() Count {
	var total Count
	stack := []Node{t.Root()}
	for len(stack) > 0 {
		var found Count
		found, stack = t.Search(stack, 1<<30)
		total.Add(found)
	}
	return total
}
