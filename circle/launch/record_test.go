package launch

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func TestRecordRoundTrip(t *testing.T) {
	for _, r := range []record{
		{card: []byte{}},
		{host: "node1", node: [16]byte{1, 2}, card: []byte("card")},
		{first: true, secret: [32]byte{9}, name: "slurm-1.0", host: strings.Repeat("h", 255), card: make([]byte, MaxCard)},
	} {
		b := r.encode()
		got, err := decodeRecord(b)
		if err != nil {
			t.Fatal(err)
		}
		if got.card == nil {
			got.card = []byte{}
		}
		if !reflect.DeepEqual(got, r) {
			t.Errorf("got %+v, want %+v", got, r)
		}
		if len(b) > maxRecord {
			t.Errorf("%d bytes, more than maxRecord", len(b))
		}
		for cut := range b[:min(len(b), 100)] {
			if _, err := decodeRecord(b[:cut]); err == nil {
				t.Errorf("the first %d of %d bytes are taken for a record", cut, len(b))
			}
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add(record{card: []byte("card")}.encode())
	f.Add(record{first: true, name: "n", host: "h"}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err == nil && !bytes.Equal(r.encode(), b) {
			t.Errorf("%x is not what it encodes to", b)
		}
	})
}

func FuzzDecodeVerdict(f *testing.F) {
	f.Add(verdict{failure: "why"}.encode())
	f.Add(verdict{missing: []int{1, 2}}.encode())
	f.Add(verdict{blobs: [][]byte{[]byte("a"), {}, []byte("c")}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := decodeVerdict(b, 3)
		if err == nil && len(v.failure) <= 512 && !bytes.Equal(v.encode(), b) {
			t.Errorf("%x is not what it encodes to: %+v", b, v)
		}
	})
}

func TestAssemble(t *testing.T) {
	nodeA, nodeB := [16]byte{'a'}, [16]byte{'b'}
	first := record{first: true, secret: [32]byte{7}, name: "job", host: "x", node: nodeA, card: []byte("0")}
	blobs := [][]byte{
		first.encode(),
		record{host: "x", node: nodeB, card: []byte("1")}.encode(), // another node of the same name
		record{host: "x", node: nodeA, card: []byte("2")}.encode(),
	}
	j, err := assemble(Situation{Kind: PMI, Launcher: "hydra"}, met{rank: 2, size: 3, blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	want := &Job{Rank: 2, Size: 3, Launcher: "PMI-1 (hydra)", Name: "job", Secret: [32]byte{7},
		Cards: [][]byte{[]byte("0"), []byte("1"), []byte("2")}, Hosts: []string{"x", "x", "x"},
		Nodes: []int{0, 1, 0}, Local: []int{0, 2}}
	if !reflect.DeepEqual(j, want) {
		t.Errorf("got %+v, want %+v", j, want)
	}

	blobs[1] = first.encode() // two that claim to be the first
	if _, err := assemble(Situation{}, met{size: 3, blobs: blobs}); err == nil || !strings.Contains(err.Error(), "rank 1") {
		t.Errorf("two first ranks: %v", err)
	}
	blobs[1] = []byte("gdcp-rank-2\n")
	if _, err := assemble(Situation{}, met{size: 3, blobs: blobs}); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("another version: %v", err)
	}
}

func TestRanges(t *testing.T) {
	for want, numbers := range map[string][]int{
		"":                nil,
		"4":               {4},
		"1-2":             {1, 2},
		"0, 2-5, 7, 9-10": {0, 2, 3, 4, 5, 7, 9, 10},
	} {
		if got := ranges(numbers); got != want {
			t.Errorf("%v: %q, want %q", numbers, got, want)
		}
	}
}

func TestThisNodeIsSteady(t *testing.T) {
	host, node := thisNode()
	again, same := thisNode()
	if host == "" || host != again || node != same || node == [16]byte{} {
		t.Errorf("%q %x, then %q %x", host, node, again, same)
	}
}
