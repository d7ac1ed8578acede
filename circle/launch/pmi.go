package launch

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// leftOver is the likely reason for a launcher's variables without a launcher.
const leftOver = "if these variables are left over from another program, set GDCP_LAUNCH=alone"

// meetPMI exchanges over PMI-1: every rank puts its record into the launcher's
// key-value space, in pieces as long as a value may be; all pass a barrier; every
// rank gets the records of the others.
func meetPMI(ctx context.Context, m meeting) (met, error) {
	c, err := openPMI(ctx, m)
	if err != nil {
		return met{}, err
	}
	defer c.close()
	got, err := c.exchange(m)
	if err != nil {
		return met{}, c.explain(m, err)
	}
	c.hangUp()
	return got, nil
}

func leavePMI(ctx context.Context, m meeting) error {
	c, err := openPMI(ctx, m)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.barrier(); err != nil {
		return c.explain(m, err)
	}
	return c.finalize()
}

func openPMI(ctx context.Context, m meeting) (*pmiConn, error) {
	e := environment{m.getenv}
	fd, err := e.number("PMI_FD", 0, 1<<20)
	if err != nil {
		return nil, err
	}
	f, err := pmiSocket(fd)
	if err != nil {
		return nil, fmt.Errorf("PMI_FD=%d: %w; %s", fd, err, leftOver)
	}
	c := newPMI(ctx, f, m.Timeout)
	c.fd = fd
	if err := c.init(); err != nil {
		defer c.close()
		return nil, fmt.Errorf("%w; %s", c.explain(m, err), leftOver)
	}
	return c, nil
}

// explain makes of a deadline that passed what it means.
func (c *pmiConn) explain(m meeting, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if cause := context.Cause(c.ctx); cause != nil {
			return cause
		}
		return &MissingError{Size: m.Size, After: m.Timeout}
	}
	return err
}

func (c *pmiConn) exchange(m meeting) (met, error) {
	if m.Size < 1 || m.Rank < 0 {
		return met{}, errors.New("PMI_FD is set, but PMI_RANK or PMI_SIZE is not")
	}
	got := met{rank: m.Rank, size: m.Size}
	if err := c.space(); err != nil {
		return got, err
	}
	if err := c.put(got.rank, m.publish(got.rank)); err != nil {
		return got, err
	}
	if err := c.barrier(); err != nil {
		return got, err
	}
	for rank := range got.size {
		b, err := c.get(rank)
		if err != nil {
			return got, fmt.Errorf("rank %d: %w", rank, err)
		}
		got.blobs = append(got.blobs, b)
	}
	return got, c.finalize()
}

func pieceKey(rank, piece int) string { return fmt.Sprintf("gdcp-%d-%d", rank, piece) }

// pieces cuts a record into values of at most room bytes, without a space or an
// equal sign, which PMI-1 cannot carry. The first one begins with their number.
func pieces(blob []byte, room int) []string {
	const digits = len("9999:")
	text := base64.RawURLEncoding.EncodeToString(blob)
	cut := []string{""}
	for part := range slices.Chunk([]byte(text), max(1, room-digits)) {
		cut = append(cut, string(part))
	}
	if len(cut) > 1 {
		cut = cut[1:]
	}
	cut[0] = fmt.Sprintf("%d:%s", len(cut), cut[0])
	return cut
}

// piecesIn is how many values the record has of which first is the first.
func piecesIn(first string) (count int, text string, err error) {
	number, text, ok := strings.Cut(first, ":")
	count, err = strconv.Atoi(number)
	if !ok || err != nil || count < 1 || count > maxRecord {
		return 0, "", errRecord
	}
	return count, text, nil
}

func (c *pmiConn) put(rank int, blob []byte) error {
	room := min(c.valueMax-1, maxPMIRequest-len(c.putRequest(pieceKey(rank, 9999), ""))) // C's final zero counts
	for i, value := range pieces(blob, room) {
		if _, err := c.ask("put_result", c.putRequest(pieceKey(rank, i), value)); err != nil {
			return err
		}
	}
	return nil
}

func (c *pmiConn) get(rank int) ([]byte, error) {
	first, err := c.getKey(pieceKey(rank, 0))
	if err != nil {
		return nil, err
	}
	count, text, err := piecesIn(first)
	if err != nil {
		return nil, err
	}
	var all strings.Builder
	all.WriteString(text)
	for i := 1; i < count; i++ {
		text, err := c.getKey(pieceKey(rank, i))
		if err != nil {
			return nil, err
		}
		all.WriteString(text)
		if all.Len() > base64.RawURLEncoding.EncodedLen(maxRecord) {
			return nil, errRecord
		}
	}
	blob, err := base64.RawURLEncoding.DecodeString(all.String())
	if err != nil {
		return nil, errRecord
	}
	return blob, nil
}
