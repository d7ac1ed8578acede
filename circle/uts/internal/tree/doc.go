// Package tree makes the trees of UTS, the Unbalanced Tree Search benchmark
// (Olivier, Huan, Liu, Prins, Dinan, Sadayappan, Tseng: UTS: An Unbalanced
// Tree Search Benchmark, LCPC 2006), node for node as UTS 2.1 makes them.
//
// # Words
//
// A node is a 20-byte state and a height, its distance from the root. Nothing
// else is needed to make the whole subtree under it, so that a node can be
// handed to whoever is to search it.
//
// The state of the root is the SHA-1 digest of the seed; that of child i of a
// node is the digest of the node's state and i. The last 31 bits of a state
// are the node's random number.
//
// A tree's kind says how the random number and the height become a number of
// children, and for geometric trees its shape says how the expected number
// goes down (or up and down) with the height.
//
// # A search
//
//	push the root
//	while there are nodes:
//	 1. pop one; count it, its height, and whether it is a leaf
//	 2. push its children
//
// What makes the benchmark hard is that the size of a subtree cannot be told
// from its root: it is known only once the subtree has been searched.
package tree
