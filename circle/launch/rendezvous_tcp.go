package launch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// meetTCP exchanges over a port of rank 0.
func meetTCP(ctx context.Context, m meeting, place string, blob []byte) ([][]byte, error) {
	secret, err := readSecretFile(m.getenv("GDCP_SECRET_FILE"))
	if err != nil {
		return nil, err
	}
	if m.Rank == 0 {
		return host(ctx, m, place, secret, blob)
	}
	v, err := visit(ctx, m, place, secret, blob)
	if err != nil {
		return nil, err
	}
	return v.outcome(m)
}

// visit is a rank's way to rank 0, which may not be there yet.
func visit(ctx context.Context, m meeting, place string, secret, blob []byte) (verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, m.Timeout+overtime)
	defer cancel()
	knocking, cancelKnock := context.WithTimeout(ctx, m.Timeout)
	defer cancelKnock()
	c, err := knockUntil(knocking, m, place, secret)
	if err != nil {
		return verdict{}, err
	}
	defer c.Close()                                                           //nolint:errcheck // all has been said
	defer context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })() //nolint:errcheck // same
	if err := c.send(blob); err != nil {
		return verdict{}, fmt.Errorf("rank 0 at %s: %w", place, err)
	}
	b, err := c.receive(maxVerdict(m.Size))
	switch {
	case ctx.Err() != nil:
		return verdict{}, absent(ctx, m, nil)
	case err != nil:
		return verdict{}, fmt.Errorf("rank 0 at %s went away before all ranks had met: %w", place, err)
	}
	return decodeVerdict(b, m.Size)
}

// knockUntil tries again while rank 0 is not there.
func knockUntil(ctx context.Context, m meeting, place string, secret []byte) (*channel, error) {
	var dialer net.Dialer
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		conn, err := dialer.DialContext(ctx, "tcp", place)
		if err == nil {
			var c *channel
			if c, err = knockOnce(ctx, conn, secret, claim{m.Rank, m.Size, m.Name}); err == nil {
				return c, nil
			}
			conn.Close() //nolint:errcheck // it is of no use
		}
		if _, final := errors.AsType[refusedError](err); final {
			return nil, fmt.Errorf("at %s: %w", place, err)
		}
		if !pause(ctx, wait) {
			return nil, absent(ctx, m, err)
		}
	}
}

// handshakeTime bounds the dialogue with a peer that has not proven itself.
const handshakeTime = 10 * time.Second

func knockOnce(ctx context.Context, conn net.Conn, secret []byte, c claim) (*channel, error) {
	conn.SetDeadline(time.Now().Add(handshakeTime))                              //nolint:errcheck // reads will fail
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // same
	ch, err := knock(conn, secret, c)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	return ch, err
}
