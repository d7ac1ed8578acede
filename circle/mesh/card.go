package mesh

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// card is what a rank publishes of itself.
type card struct {
	node  nodeID
	doors []door
}

// door is an address at which a rank listens.
type door struct {
	net  netip.Prefix // the address, with the length of its network's prefix
	port uint16
}

func (d door) addrPort() netip.AddrPort { return netip.AddrPortFrom(d.net.Addr(), d.port) }

const (
	cardVersion = 1
	maxDoors    = 8
)

// encode returns the card's bytes, at most 178: the version, the node, the
// number of doors, and for each the length of the address (4 or 16), the
// address, the length of the prefix, and the port, big endian.
func (c card) encode() []byte {
	b := append([]byte{cardVersion}, c.node[:]...)
	b = append(b, byte(len(c.doors)))
	for _, d := range c.doors {
		addr := d.net.Addr().AsSlice()
		b = append(b, byte(len(addr)))
		b = append(b, addr...)
		b = append(b, byte(d.net.Bits()))
		b = binary.BigEndian.AppendUint16(b, d.port)
	}
	return b
}

var errCardCut = errors.New("a card that is cut short")

func decodeCard(b []byte) (card, error) {
	var c card
	switch {
	case len(b) > 0 && b[0] != cardVersion:
		return c, fmt.Errorf("a card of version %d, this is version %d: the ranks do not run the same program", b[0], cardVersion)
	case len(b) < 2+len(c.node):
		return c, errCardCut
	}
	copy(c.node[:], b[1:])
	n := int(b[1+len(c.node)])
	b = b[2+len(c.node):]
	if n < 1 || n > maxDoors {
		return c, fmt.Errorf("a card with %d addresses; want 1 to %d", n, maxDoors)
	}
	for range n {
		d, rest, err := decodeDoor(b)
		if err != nil {
			return card{}, err
		}
		c.doors, b = append(c.doors, d), rest
	}
	if len(b) > 0 {
		return card{}, fmt.Errorf("a card with %d bytes too many", len(b))
	}
	return c, nil
}

func decodeDoor(b []byte) (d door, rest []byte, err error) {
	if len(b) < 1 || len(b) < 1+int(b[0])+3 {
		return d, nil, errCardCut
	}
	n := int(b[0])
	addr, ok := netip.AddrFromSlice(b[1 : 1+n])
	bits := int(b[1+n])
	port := binary.BigEndian.Uint16(b[2+n:])
	if !ok || addr.Is4In6() || bits > addr.BitLen() || port == 0 {
		return d, nil, errors.New("a card with an address that is none")
	}
	return door{netip.PrefixFrom(addr, bits), port}, b[4+n:], nil
}
