// Command uts runs UTS, the Unbalanced Tree Search benchmark, on circle: it
// counts the nodes of a tree that is made while it is searched, and whose
// subtrees differ so much that only work stealing can share them. The counts
// of the benchmark's sample trees are published, so a run also proves that
// every task was run exactly once.
//
//	go run ./circle/uts -t 1 -a 3 -d 10 -b 4 -r 19 -n 4
//	mpirun -np 4 uts -t 1 -a 3 -d 10 -b 4 -r 19
//
// # Words
//
// A chunk is some nodes, the roots of subtrees that nobody has searched: the
// body of a task. An interval is how many nodes a task visits before it hands
// on the rest. Package tree makes the nodes.
//
// # A task
//
//  1. Put the nodes of the chunk on a stack.
//  2. Visit nodes, depth first, for an interval; again, while no more than a
//     chunk is left.
//  3. Spawn what is left, in chunks, oldest first.
//  4. When all of that has closed, the result is what was visited here plus
//     what the children counted: nodes, leaves, and the greatest depth.
//
// # Ranks
//
// Without a launcher, -n ranks run as goroutines of this process, joined by
// circle/inproc or, with --transport mesh, by TCP over the loopback. Under
// mpirun or srun every process is one rank, and circle/launch and circle/mesh
// join them.
package main
