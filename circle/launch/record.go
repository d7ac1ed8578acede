package launch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// record is what one rank publishes.
type record struct {
	first  bool // of rank 0: name and secret are the job's
	secret [32]byte
	node   [16]byte // equal for ranks of one node
	host   string   // up to 255 bytes
	name   string   // up to 255 bytes
	card   []byte   // up to MaxCard bytes
}

// recordMagic also counts the versions of the format: ranks of different
// versions of the program must not work together unawares.
const recordMagic = "gdcp-rank-1\n"

// maxRecord is the length in bytes of the longest record.
const maxRecord = len(recordMagic) + 1 + 32 + 16 + 2*(1+255) + 2 + MaxCard

func (r record) encode() []byte {
	b := append([]byte(recordMagic), 0)
	if r.first {
		b[len(b)-1] = 1
		b = append(b, r.secret[:]...)
	}
	b = append(b, r.node[:]...)
	for _, s := range []string{r.host, r.name} {
		s = s[:min(len(s), 255)]
		b = append(b, byte(len(s)))
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.card)))
	return append(b, r.card...)
}

var errRecord = errors.New("what it published is not of this version of the program")

func decodeRecord(b []byte) (r record, err error) {
	in := reader{b: b}
	if string(in.take(len(recordMagic))) != recordMagic {
		return r, errRecord
	}
	flag := in.byte()
	if r.first = flag == 1; r.first {
		copy(r.secret[:], in.take(32))
	}
	copy(r.node[:], in.take(16))
	r.host = string(in.take(int(in.byte())))
	r.name = string(in.take(int(in.byte())))
	n := int(binary.BigEndian.Uint16(in.fixed(2)))
	r.card = slices.Clone(in.take(n))
	if in.bad || len(in.b) > 0 || flag > 1 || n > MaxCard {
		return record{}, errRecord
	}
	return r, nil
}

// reader takes fields off the front of a message. What is not there reads as
// nothing and sets bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

// fixed is take with zeroes for what is not there.
func (r *reader) fixed(n int) []byte {
	if b := r.take(n); b != nil {
		return b
	}
	return make([]byte, n)
}

func (r *reader) byte() byte { return r.fixed(1)[0] }

func (r *reader) uint32() uint32 { return binary.BigEndian.Uint32(r.fixed(4)) }

// assemble makes the Job of what the ranks published.
func assemble(s Situation, m met) (*Job, error) {
	j := &Job{Rank: m.rank, Size: m.size, Launcher: s.String()}
	if s.Kind == Alone {
		j.Launcher = Alone.String()
	}
	numbers := make(map[[16]byte]int)
	for rank, blob := range m.blobs {
		r, err := decodeRecord(blob)
		if err == nil && r.first != (rank == 0) {
			err = errRecord
		}
		if err != nil {
			return nil, fmt.Errorf("rank %d: %w", rank, err)
		}
		if rank == 0 {
			j.Secret, j.Name = r.secret, r.name
		}
		if _, known := numbers[r.node]; !known {
			numbers[r.node] = len(numbers)
		}
		j.Cards = append(j.Cards, r.card)
		j.Hosts = append(j.Hosts, r.host)
		j.Nodes = append(j.Nodes, numbers[r.node])
	}
	for rank, node := range j.Nodes {
		if node == j.Nodes[j.Rank] {
			j.Local = append(j.Local, rank)
		}
	}
	return j, nil
}

// ranges writes ascending numbers for people: "1, 3-7, 9".
func ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		k := i
		for k+1 < len(numbers) && numbers[k+1] == numbers[k]+1 {
			k++
		}
		part := strconv.Itoa(numbers[i])
		if k > i {
			part += "-" + strconv.Itoa(numbers[k])
		}
		parts = append(parts, part)
		i = k + 1
	}
	return strings.Join(parts, ", ")
}
