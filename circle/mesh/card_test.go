package mesh

import (
	"bytes"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

// at makes a door from "10.1.2.3/16 4000".
func at(s string) door {
	network, port, _ := strings.Cut(s, " ")
	p := netip.MustParseAddrPort("0.0.0.0:" + port)
	return door{netip.MustParsePrefix(network), p.Port()}
}

func doors(list ...string) (ds []door) {
	for _, s := range list {
		ds = append(ds, at(s))
	}
	return ds
}

func TestCard(t *testing.T) {
	c := card{node: nodeID{1, 2, 3}, doors: doors("10.1.2.3/16 4000", "fd00::7/64 65535", "127.0.0.1/8 1")}
	got, err := decodeCard(c.encode())
	if err != nil || !reflect.DeepEqual(got, c) {
		t.Fatalf("decoded %+v, %v; want %+v", got, err, c)
	}
	for n := range c.encode() {
		if _, err := decodeCard(c.encode()[:n]); err == nil {
			t.Errorf("a card cut to %d bytes was taken", n)
		}
	}
	full := card{doors: make([]door, maxDoors)}
	for i := range full.doors {
		full.doors[i] = at("fd00::7/64 4000")
	}
	if n := len(full.encode()); n > 178 {
		t.Errorf("a full card has %d bytes; Card promises 178", n)
	}
}

func TestCardRefused(t *testing.T) {
	good := card{doors: doors("10.1.2.3/16 4000")}.encode()
	change := func(at int, to byte) []byte {
		b := bytes.Clone(good)
		b[at] = to
		return b
	}
	for name, c := range map[string]struct {
		card []byte
		want string
	}{
		"version":     {change(0, 2), "do not run the same program"},
		"no doors":    {change(17, 0), "0 addresses"},
		"many doors":  {change(17, 9), "9 addresses"},
		"odd address": {change(18, 3), "address that is none"},
		"long prefix": {change(23, 33), "address that is none"},
		"no port":     {append(bytes.Clone(good[:len(good)-2]), 0, 0), "address that is none"},
		"tail":        {append(bytes.Clone(good), 0), "1 bytes too many"},
	} {
		if _, err := decodeCard(c.card); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

// FuzzCard: what is taken is the only card with that meaning.
func FuzzCard(f *testing.F) {
	f.Add(card{doors: doors("10.1.2.3/16 4000", "fd00::7/64 65535")}.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeCard(b)
		if err == nil && !bytes.Equal(c.encode(), b) {
			t.Errorf("%x is taken for %+v, which is %x", b, c, c.encode())
		}
		if err == nil && (len(b) > 178 || len(c.doors) == 0) {
			t.Errorf("%x was taken", b)
		}
	})
}
