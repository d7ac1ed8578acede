package mesh

import (
	"encoding/binary"
	"fmt"
	"io"

	"gdcp/circle"
)

// kind is what a frame is.
type kind byte

const (
	kindData   kind = 1 + iota // a message
	kindPing                   // I am alive
	kindBye                    // I have sent all and close
	kindAccept                 // verdict on a dial: this is our link
	kindBusy                   // verdict: I am dialing you, wait for that
	kindGone                   // verdict: I have reported you lost
	kindEnd                    // none any more
)

func (k kind) isVerdict() bool {
	return k == kindAccept || k == kindBusy || k == kindGone || k == kindBye
}

// headerSize is the length of a frame's header in bytes: the kind, and the
// length of the body in 24 bits, big endian. Only a message has a body.
const headerSize = 4

func header(k kind, n int) (h [headerSize]byte) {
	binary.BigEndian.PutUint32(h[:], uint32(k)<<24|uint32(n))
	return h
}

// parseHeader returns the kind and the length of the body, which is bounded
// by circle.MaxMessage.
func parseHeader(h [headerSize]byte) (kind, int, error) {
	v := binary.BigEndian.Uint32(h[:])
	k, n := kind(v>>24), int(v&(1<<24-1))
	switch {
	case k == 0 || k >= kindEnd:
		return 0, 0, fmt.Errorf("a frame of unknown kind %d", k)
	case n > circle.MaxMessage:
		return 0, 0, fmt.Errorf("a frame of %d bytes; at most %d", n, circle.MaxMessage)
	case n > 0 && k != kindData:
		return 0, 0, fmt.Errorf("a frame of kind %d with a body", k)
	}
	return k, n, nil
}

// readFrame reads one frame. It reads from a TLS connection without a buffer
// in between: that has one already, of a record, and an idle link must be
// cheap.
func readFrame(r io.Reader) (kind, []byte, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return 0, nil, err
	}
	k, n, err := parseHeader(h)
	if err != nil || k != kindData {
		return k, nil, err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, err
	}
	return k, body, nil
}
