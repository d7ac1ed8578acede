package launch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// lobby is rank 0's side of a rendezvous over TCP: it takes the records of all,
// and then tells each the verdict.
type lobby struct {
	m      meeting
	secret []byte
	doors  chan struct{} // a token for each dialogue with a peer that is unproven
	guests sync.WaitGroup

	complete chan struct{}   // closed when all have come, or it is known that they will not
	settled  chan struct{}   // closed when the verdict stands
	told     chan struct{}   // has a token for each rank that was told
	over     context.Context // ends when nobody more is let in

	mu        sync.Mutex // guards all below
	blobs     [][]byte   // nil for ranks that have not come
	left      int        // how many those are
	failure   string
	strangers int    // connections that did not prove the secret
	stranger  string // the last of them, and what it did
	verdict   []byte
}

// maxDoors bounds how many peers may be in an unfinished dialogue. Others wait
// in the kernel's queue.
const maxDoors = 128

// host listens, and returns with the records of all ranks.
func host(ctx context.Context, m meeting, place string, secret, blob []byte) ([][]byte, error) {
	listener, err := listen(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("rank 0 listens for the others (GDCP_RENDEZVOUS=%s): %w", place, err)
	}
	over, end := context.WithCancel(context.WithoutCancel(ctx))
	l := &lobby{m: m, secret: secret, doors: make(chan struct{}, maxDoors), over: over,
		complete: make(chan struct{}), settled: make(chan struct{}), told: make(chan struct{}, m.Size),
		left: m.Size, blobs: make([][]byte, m.Size)}
	l.seat(0, blob)
	l.guests.Go(func() { l.admit(listener) })
	stopped := l.await(ctx)
	v := l.settle(stopped)
	if v.failure != "" && stopped == nil {
		l.tellAll()
	}
	end()
	listener.Close() //nolint:errcheck // nobody else is expected
	l.guests.Wait()
	if stopped != nil {
		return nil, stopped
	}
	blobs, err := v.outcome(m)
	return blobs, l.blame(err)
}

// listen takes the port on the address that is given, if it is one. A host name
// may stand for 127.0.0.1 on the host itself (as in Debian's /etc/hosts), where
// nobody else could connect; so for a name it is every address of this host.
func listen(ctx context.Context, place string) (net.Listener, error) {
	name, port, err := net.SplitHostPort(place)
	if err != nil {
		return nil, err
	}
	if net.ParseIP(name) == nil {
		name = ""
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", net.JoinHostPort(name, port))
}

// await returns when there is nothing more to wait for; an error is why this
// rank was told to stop.
func (l *lobby) await(ctx context.Context) error {
	timer := time.NewTimer(l.m.Timeout)
	defer timer.Stop()
	select {
	case <-l.complete:
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// settle decides on the verdict.
func (l *lobby) settle(stopped error) (v verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failure != "":
		v.failure = l.failure
	case stopped != nil:
		v.failure = "rank 0 was stopped: " + stopped.Error()
	case l.left > 0:
		v.missing = absentees(l.blobs)
	default:
		v.blobs = l.blobs
	}
	l.failure = "the meeting is over" // for those who come now
	l.verdict = v.encode()
	close(l.settled)
	return v
}

// tellTime is how long rank 0 stays when the meeting has failed.
const tellTime = time.Second

// tellAll stays for a while, so that those who come now learn of a failure that
// came early, and do not wait for rank 0 until their time is over.
func (l *lobby) tellAll() {
	timer := time.NewTimer(tellTime)
	defer timer.Stop()
	for range l.m.Size - 1 {
		select {
		case <-l.told:
		case <-timer.C:
			return
		}
	}
}

// blame adds to the news of missing ranks that somebody was there.
func (l *lobby) blame(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, missing := errors.AsType[*MissingError](err); missing && l.strangers > 0 {
		return fmt.Errorf("%w; connections that came to nothing: %d, the last one %s", err, l.strangers, l.stranger)
	}
	return err
}

func absentees(blobs [][]byte) (ranks []int) {
	for rank, blob := range blobs {
		if blob == nil {
			ranks = append(ranks, rank)
		}
	}
	return ranks
}

// fail ends the wait, unless it has ended.
func (l *lobby) fail(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == "" && l.left > 0 {
		l.failure = why
		close(l.complete)
	}
}

// seat notes the record of a rank, unless another has the seat. It is of no use
// any more, and no harm, once the meeting has failed.
func (l *lobby) seat(rank int, blob []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.blobs[rank] != nil {
		return false
	}
	if l.failure != "" {
		return true
	}
	l.blobs[rank] = blob
	if l.left--; l.left == 0 {
		close(l.complete)
	}
	return true
}

// judge decides on a claim that is proven.
func (l *lobby) judge(c claim) answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case c.size != l.m.Size:
		return otherSize
	case c.job != l.m.Name:
		return otherJob
	case l.blobs[c.rank] != nil:
		return rankTwice
	}
	return welcome
}

// admit takes connections until the listener is closed.
func (l *lobby) admit(listener net.Listener) {
	for {
		l.doors <- struct{}{}
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors, or a peer that is gone already
			<-l.doors
			pause(l.over, 10*time.Millisecond)
			continue
		}
		l.guests.Go(func() { l.receive(conn) })
	}
}

// receive is the dialogue with one peer, from its first byte to its last.
func (l *lobby) receive(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // all has been said
	c, who, err := l.greet(conn)
	<-l.doors
	if err != nil {
		l.turnedAway(conn, who, err)
		return
	}
	gone := make(chan struct{})
	l.guests.Go(func() {
		conn.Read(make([]byte, 1)) //nolint:errcheck // it says nothing more: this returns when it goes
		close(gone)
	})
	select {
	case <-gone:
		l.fail(fmt.Sprintf("rank %d (%s) went away before all ranks had met", who.rank, conn.RemoteAddr()))
	case <-l.settled:
		l.farewell(c, gone)
	}
}

// greet proves the peer and takes its record.
func (l *lobby) greet(conn net.Conn) (*channel, claim, error) {
	conn.SetDeadline(time.Now().Add(handshakeTime))                                 //nolint:errcheck // reads will fail
	stop := context.AfterFunc(l.over, func() { conn.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // same
	defer stop()
	c, who, err := open(conn, l.secret, l.judge)
	if err != nil {
		return nil, who, err
	}
	blob, err := c.receive(maxRecord)
	if err != nil {
		return nil, who, err
	}
	if !stop() { // before it has a seat: one that has is told the verdict
		return nil, who, refusedError{"it came too late"}
	}
	if !l.seat(who.rank, blob) {
		return nil, who, refusedError{rankTwice.String()}
	}
	return c, who, conn.SetDeadline(time.Time{})
}

// turnedAway notes who did not get in. A rank that comes twice is proven, so it
// is a mistake of ours: some other rank will never come.
func (l *lobby) turnedAway(conn net.Conn, who claim, err error) {
	if errors.Is(err, refusedError{rankTwice.String()}) {
		l.fail(fmt.Sprintf("two processes have come as rank %d (GDCP_RANK), the second from %s", who.rank, conn.RemoteAddr()))
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.strangers++
	l.stranger = fmt.Sprintf("from %s: %v", conn.RemoteAddr(), err)
}

// farewellTime bounds how long a peer may take to hear the verdict.
const farewellTime = 10 * time.Second

// farewell tells the verdict, and waits until the peer has it and goes: what a
// process leaves unsent when it ends may be lost.
func (l *lobby) farewell(c *channel, gone <-chan struct{}) {
	c.SetDeadline(time.Now().Add(farewellTime)) //nolint:errcheck // then it is not bounded
	l.mu.Lock()
	v := l.verdict
	l.mu.Unlock()
	if c.send(v) == nil {
		select {
		case l.told <- struct{}{}:
		default: // some came more than once
		}
		<-gone
	}
}
