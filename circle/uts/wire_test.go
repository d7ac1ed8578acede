package main

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gdcp/circle/uts/internal/tree"
)

func TestNodesSurviveTheWire(t *testing.T) {
	node := rapid.Custom(func(t *rapid.T) (n tree.Node) {
		copy(n.State[:], rapid.SliceOfN(rapid.Byte(), len(n.State), len(n.State)).Draw(t, "state"))
		n.Height = rapid.Uint32().Draw(t, "height")
		return n
	})
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.SliceOfN(node, 0, 50).Draw(t, "nodes")
		if got := appendNodes(nil, encodeNodes(nodes)); !slices.Equal(got, nodes) {
			t.Errorf("sent %v, got %v", nodes, got)
		}
	})
}

func TestCountsSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := tree.Count{
			Nodes:  rapid.Int64().Draw(t, "nodes"),
			Leaves: rapid.Int64().Draw(t, "leaves"),
			Depth:  rapid.Uint32().Draw(t, "depth"),
		}
		if got := decodeCount(encodeCount(want)); got != want {
			t.Errorf("sent %+v, got %+v", want, got)
		}
	})
}

func TestStatsSurviveTheWire(t *testing.T) {
	want := rankStats{Nodes: 1 << 40, Tasks: 2, Released: 3, Stolen: 4, Steals: 5, Empty: 6}
	if got := decodeStats(encodeStats(want)); got != want {
		t.Errorf("sent %+v, got %+v", want, got)
	}
	if got := decodeStats(nil); got != (rankStats{}) {
		t.Errorf("the stats of a rank that sent none are %+v", got)
	}
}

func TestBrokenChunkPanics(t *testing.T) {
	body := encodeNodes(make([]tree.Node, 2))
	defer func() {
		if recover() == nil {
			t.Error("a chunk of one and a half nodes was taken")
		}
	}()
	appendNodes(nil, body[:nodeSize*3/2])
}
