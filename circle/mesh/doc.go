// Package mesh connects the ranks of a job over TCP. It is the circle.Transport
// of a job of several processes.
//
// # Words
//
// A card is what a rank publishes before the job starts: which node it is on,
// and at which addresses and ports it listens. The launcher's exchange carries
// the cards and the job's secret; the secret never travels over the mesh.
//
// A stranger is a connection that has not proved yet that it knows the secret.
//
// A peer is another rank as this one sees it: idle (not wanted so far),
// dialing, joined, or gone. It only goes forward; there is no reconnecting.
// The protocol above wants a verdict on a rank, not hope: a connection over
// which nothing was heard for seconds, or which broke, may have swallowed
// messages, and circle knows how to go on without a rank but not without a
// message.
//
// A link is the one connection with a joined peer. Frames go over it: messages,
// pings, and the goodbye.
//
// # Setting up a link
//
// The first Send to an idle peer dials it. D is the rank that dials, A the one
// that accepts:
//
//  1. A sends a challenge, 32 fresh bytes.
//  2. D answers with its hello: the two ranks' numbers, and a MAC of them and
//     the challenge under a key derived from the secret. Until A has checked
//     it, a stranger costs A one of a bounded number of places for a bounded
//     time and nothing else. A recorded hello fits no other challenge.
//  3. D and A shake hands in TLS 1.3. Every rank has a key pair derived from
//     the secret and its number, and takes no other than the one that belongs
//     to the number from the hello. From here on all is encrypted.
//  4. A sends its verdict: accept, busy, or gone. D sends no message before.
//
// If two ranks dial each other at once, exactly one of the two connections is
// accepted:
//
//	A is dialing D itself, has a connection to it, and A < D:  busy
//	otherwise:                                                  accept, and A's own dial ends
//
// So the lower rank's dial wins, unless it has not even got a connection yet:
// where packets pass in one direction only, the dial that gets through is
// taken. D, told that A is busy, waits for A's dial to arrive. As no message is
// sent before the verdict, none can be lost or overtaken.
//
// # A link's life
//
//	send:    queue the message; if no writer is at work, start one
//	writer:  until the queue is empty: put all of it through one buffer
//	reader:  frame by frame, message -> Packets; the end -> the loss, once
//	pulse:   every PingEvery/2, for each link: ping if nothing was sent in
//	         PingEvery; break it if nothing was heard in DeadAfter
//
// A reader that finds Packets full stops reading, so that TCP holds the sender
// back, whose Backlog grows. Its peer is not declared dead meanwhile.
//
// # Which addresses
//
// A rank listens on the interfaces that Config.Net names, or on all that look
// like the cluster's network: IPoIB first, then the fastest; in any case on the
// loopback too. Ranks of one node use the loopback. Ranks of different nodes
// never do: they dial the addresses on the other's card, those in a network of
// their own first.
package mesh
