package circletest

import (
	"encoding/binary"
	"time"
)

// Tree is a made-up workload: an unbalanced tree that is the same for the same
// Tree. A node's body is its number and depth. The zero value is one node.
type Tree struct {
	Seed uint64
	// Depth is how deep the tree may become, and Wide how many children a
	// node has at most: most have few, some many.
	Depth, Wide int
	// Task is the mean time of a task; times go from none to twice that, one
	// in 64 takes 16 times as long.
	Task time.Duration
	// Fan is how many children the root has; 0 means as any other node.
	Fan int
}

// Root is the body of the root task.
func (t Tree) Root() []byte { return t.body(mix(t.Seed+1), 0) }

func (t Tree) body(id uint64, depth int) []byte {
	return binary.AppendUvarint(binary.LittleEndian.AppendUint64(nil, id), uint64(depth))
}

// Run is a task's work: the bodies of its children, and how long it takes.
func (t Tree) Run(body []byte) (children [][]byte, took time.Duration) {
	id := binary.LittleEndian.Uint64(body)
	depth, _ := binary.Uvarint(body[8:])
	h := mix(id)
	if t.Task > 0 {
		took = time.Duration(h % uint64(2*t.Task))
		if h>>40&63 == 0 {
			took *= 16
		}
	}
	for i := range t.fan(mix(h), int(depth)) {
		children = append(children, t.body(mix(id+uint64(i)*0x9E3779B97F4A7C15), int(depth)+1))
	}
	return children, took
}

// fan is a skewed number of children: the product of two even ones.
func (t Tree) fan(h uint64, depth int) int {
	switch {
	case depth >= t.Depth:
		return 0
	case depth == 0 && t.Fan > 0:
		return t.Fan
	}
	w := uint64(t.Wide + 1)
	return int((h & 0xffffff % w) * (h >> 32 % w) / max(w-1, 1))
}

// Size is the number of nodes.
func (t Tree) Size() uint64 {
	n := uint64(0)
	stack := [][]byte{t.Root()}
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n++
		children, _ := t.Run(b)
		stack = append(stack, children...)
	}
	return n
}

// mix is splitmix64's finalizer (Steele, Lea, Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
