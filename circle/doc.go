// Package circle is a distributed fork-join: a bag of tasks that the ranks of
// a job share by work stealing, in which a task is closed when it has run and
// all that it spawned, on whichever ranks, is closed.
//
// It is a library on its own. It knows no file and no socket: what a task
// means is the Handler's, and messages go over a Transport.
//
// # Words
//
// A rank is one process of the job; rank 0 holds the root task, hears of
// every loss, and is the one that ends the job.
//
// A task is a body of opaque bytes and a record. The record lives at the
// task's home, the rank that ran it, from its run until it closes.
//
// To lend a task is to give it to another rank before it has run. The lender
// keeps the record and the body until the borrower says that it closed. A
// borrower may lend it on; the word that it closed comes back the same way.
//
// A thief is a rank without work that asks another, its victim, for some. A
// deal is the answer: tasks, or none.
//
// A lifeline is a rank on which a thief waits after a few victims in vain: it
// asks once and sleeps, and is dealt tasks when there are some (Saraswat et
// al., Lifeline-based global load balancing, PPoPP 2011).
//
// An orphan is a task that was borrowed from a rank that is lost. It is
// dropped: what is queued of it is discarded, what runs runs out, and what has
// run is closed, but as given up: nothing of it is finished.
//
// # The life of a task
//
//  1. Spawn makes a record with its parent's, and queues it. The parent counts
//     one more open child. When the queue is full, Spawn runs the child itself.
//  2. Its own rank takes the newest task of its queue (depth first: the
//     frontier stays small). A thief is dealt the oldest (the big subtrees),
//     half of what is there, no more than a message takes.
//  3. It runs, and spawns. When it has run and has no open child, Close runs
//     at its home, once for each run, and it is closed.
//  4. If it is borrowed, its lender is told, with the result. Else its parent
//     has one open child less, and one more result.
//  5. When the root closes, the job is done. No other termination detection
//     is needed: the records are Dijkstra and Scholten's tree.
//
// # The loss of a rank
//
// Only rank 0 declares a rank lost; the others tell it of their suspicion.
//
//  1. Rank 0 tells all: r is lost. From then on nothing of r is believed.
//  2. Every rank drops its orphans of r, revokes what it lent of them, and,
//     once all of that has ended, says that it is fenced off.
//  3. When all are fenced off from every lost rank, rank 0 lets the lenders
//     queue again what they lent to r. So no task is ever run by two ranks at
//     once, and the last run of a task is the one that counts.
//
// That holds for ranks that are dead, and for those that are not only from
// when they stop: a rank that lives and is declared lost (evicted) stops as
// soon as it hears of it, or its transport gives up rank 0. What it does until
// then can overlap with what is done again.
//
// The loss of rank 0 is the end of the job: every other rank stops. So is the
// loss of any rank before the start.
//
// # The end
//
// Rank 0 tells all, along a tree, that the job is over. A rank finishes, says
// goodbye to rank 0 and goes; rank 0 goes last. A cancel is a word to rank 0,
// and ends the job in the same way, with two things more. The rank that asks
// for it stops working first, since what it runs is cut short. And once a rank
// has stopped it gives nothing back to a lender, who may not have heard of the
// cancel and would finish what was given up.
//
// # Code
//
// Node is the protocol: a state machine without goroutine, clock or I/O, which
// is fed messages and asked for tasks, and leaves messages in its outbox. Run
// is the one loop that puts a Node on a Transport with workers of its rank.
package circle
