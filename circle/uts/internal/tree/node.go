package tree

import (
	"crypto/sha1"
	"encoding/binary"
)

// State is what a subtree is made from: a SHA-1 digest.
type State [sha1.Size]byte

// Node is a node of a tree: all that is needed to make its subtree.
type Node struct {
	State  State
	Height uint32
}

// seedState is rng_init of UTS's rng/brg_sha1.c: the seed, big endian, behind
// 16 zeros.
func seedState(seed int) State {
	var input [sha1.Size]byte
	binary.BigEndian.PutUint32(input[16:], uint32(seed))
	return sha1.Sum(input[:])
}

// spawner makes the states of one node's children: rng_spawn of
// rng/brg_sha1.c, with the parent's state laid out once for all of them.
type spawner [sha1.Size + 4]byte

func newSpawner(parent *State) (s spawner) {
	copy(s[:], parent[:])
	return s
}

// child returns the state of child i. It is computed granularity times over:
// UTS's way to make a node cost more.
func (s *spawner) child(i, granularity int) State {
	binary.BigEndian.PutUint32(s[sha1.Size:], uint32(i))
	state := sha1.Sum(s[:])
	for range granularity - 1 {
		state = sha1.Sum(s[:])
	}
	return state
}

// uniform is the node's random number on [0,1): rng_rand and rng_toProb.
func (s *State) uniform() float64 {
	const positive = 0x7fffffff
	return float64(binary.BigEndian.Uint32(s[16:])&positive) / (1 << 31)
}
