// Package inproc connects ranks that are goroutines of one process. It is the
// circle.Transport of a job without other processes, and of tests, which can
// kill a rank of it.
//
// # Words
//
// An inbox is where a rank's packets wait, in the order of their sending: in
// the channel that Packets returns while there is room, behind it in a queue
// without bounds. A pump is the goroutine that moves packets from the queue to
// the channel. There is none while the queue is empty.
//
// Two ranks have met once one has sent to the other. Only ranks that have met
// hear of each other's end, as over a network; a rank that sends to one that
// has ended hears of it then.
//
// # Sending from A to B
//
//	lock B's inbox, and no other
//	if B has ended:                unlock, put "B is lost" into A's inbox
//	if A's end was put in before:  drop
//	if the queue is empty and the channel has room: into the channel
//	else: into the queue, and start the pump if there is none
package inproc
