package main

import (
	"encoding/binary"
	"fmt"

	"gdcp/circle/uts/internal/tree"
)

// A task's body is a chunk of nodes, oldest first, each as its state and its
// height: nodeSize bytes. The tree's parameters do not travel; every rank has
// them from its command line.
const nodeSize = len(tree.State{}) + 4

func encodeNodes(nodes []tree.Node) []byte {
	b := make([]byte, 0, len(nodes)*nodeSize)
	for i := range nodes {
		b = append(b, nodes[i].State[:]...)
		b = binary.BigEndian.AppendUint32(b, nodes[i].Height)
	}
	return b
}

// appendNodes appends the nodes of body to dst. A body that is not whole
// nodes was never made by encodeNodes: a bug.
func appendNodes(dst []tree.Node, body []byte) []tree.Node {
	if len(body)%nodeSize != 0 {
		panic(fmt.Sprintf("uts: a chunk of %d bytes is not a number of nodes", len(body)))
	}
	for ; len(body) > 0; body = body[nodeSize:] {
		var n tree.Node
		copy(n.State[:], body)
		n.Height = binary.BigEndian.Uint32(body[len(n.State):])
		dst = append(dst, n)
	}
	return dst
}

// A task's result is the count of its subtrees: countSize bytes.
const countSize = 8 + 8 + 4

func encodeCount(c tree.Count) []byte {
	b := make([]byte, 0, countSize)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Nodes))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Leaves))
	return binary.BigEndian.AppendUint32(b, c.Depth)
}

func decodeCount(b []byte) tree.Count {
	if len(b) != countSize {
		panic(fmt.Sprintf("uts: a count of %d bytes, want %d", len(b), countSize))
	}
	return tree.Count{
		Nodes:  int64(binary.BigEndian.Uint64(b)),
		Leaves: int64(binary.BigEndian.Uint64(b[8:])),
		Depth:  binary.BigEndian.Uint32(b[16:]),
	}
}

// A rank's card at the end is its rankStats, field by field.
func encodeStats(s rankStats) []byte {
	var b []byte
	for _, field := range s.fields() {
		b = binary.BigEndian.AppendUint64(b, uint64(*field))
	}
	return b
}

// decodeStats returns zeros for a rank that sent no card.
func decodeStats(b []byte) (s rankStats) {
	for _, field := range s.fields() {
		if len(b) < 8 {
			break
		}
		*field = int64(binary.BigEndian.Uint64(b))
		b = b[8:]
	}
	return s
}
