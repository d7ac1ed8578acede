package circle

// Transport carries messages between the ranks of one job. It is what Run
// needs of a network and no more; circle/inproc and circle/mesh are the two
// implementations, and circletest.Transports is the suite that both pass.
//
// Messages from one rank to another arrive whole, once, unchanged and in the
// order in which they were sent, or that rank is reported lost. Nothing is
// said about the order of messages from different ranks.
type Transport interface {
	// Rank is this rank's number, 0 <= Rank < Size.
	Rank() int
	// Size is the number of ranks of the job.
	Size() int

	// Send queues body for the rank to, which is not this one, and returns at
	// once: it neither blocks nor fails. The transport owns body from then on.
	// What is sent to a lost rank or after Close is dropped silently; Packets
	// tells of the loss. A body longer than MaxMessage is a bug and panics.
	Send(to int, body []byte)

	// Backlog is the number of bytes that wait in the queue to the rank to:
	// who produces without being asked (reports) holds back while it is large.
	Backlog(to int) int

	// Packets delivers what arrives, on one channel, for one receiver. It is
	// closed once Close has been called and nothing more will come.
	Packets() <-chan Packet

	// Close sends what is queued, waits for that no longer than about a
	// second, tells the peers that it went in good order, and releases
	// everything. A peer that closes in good order is reported as lost with
	// ErrClosed, so that a receiver can tell a goodbye from a death.
	Close() error
}

// MaxMessage is the longest message body, in bytes, that a Transport takes.
const MaxMessage = 4 << 20

// Packet is a message, or the news that a peer is gone.
type Packet struct {
	// From is the rank that sent the message or is gone.
	From int
	// Body is the message. The receiver owns it.
	Body []byte
	// Lost, where it is not nil, says why nothing more will come from From.
	// It is delivered once for a rank, after the last of its messages.
	Lost error
}
