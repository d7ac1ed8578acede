package tree

import "math"

// logTable holds logFailure of the first heights. It is half of the floating
// point work of a node, and for the cyclic shape most of it. The published
// trees fit; what is higher is computed as it comes.
func (p Params) logTable() []float64 {
	table := make([]float64, 1024)
	for h := range table {
		table[h] = p.logFailure(h)
	}
	return table
}

// logFailure is the logarithm of the chance that one more child follows, at a
// height where mean children are expected: 1-p with mean = (1-p)/p. The
// operations are those of uts_numChildren_geo, one by one, for the same
// rounding: the conversion keeps a compiler from fusing mean's product with
// the sum, as it may on arm64.
func (p Params) logFailure(height int) float64 {
	success := 1.0 / (1.0 + float64(p.mean(height)))
	return math.Log(1 - success)
}

// mean is the number of children expected of a geometric node.
func (p Params) mean(height int) float64 {
	depth, h := float64(p.Depth), float64(height)
	switch {
	case height == 0:
		return p.Root
	case p.Shape == Exponential:
		return p.Root * math.Pow(h, -math.Log(p.Root)/math.Log(depth))
	case p.Shape == Cyclic && height > 5*p.Depth:
		return 0
	case p.Shape == Cyclic:
		return math.Pow(p.Root, math.Sin(2.0*math.Pi*h/depth))
	case p.Shape == Fixed && height < p.Depth:
		return p.Root
	case p.Shape == Fixed:
		return 0
	default:
		return p.Root * (1.0 - h/depth)
	}
}
