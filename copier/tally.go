package copier

import (
	"encoding/binary"

	"gdcp/walker/fsys"
)

// Tally is what was done below a task: each entry is counted once, by the run
// that counted, however many ranks were lost. The root's is the job's.
type Tally struct {
	Kind  [fsys.Kinds]int64 // entries that are at the destination now, by kind
	Bytes int64             // data written
	// HardLinks are the files among Kind[Regular] that have further names at
	// the source; each name has become a file of its own.
	HardLinks int64

	Failed   int64 // paths that are not, or not wholly, at the destination
	Lossy    int64 // paths that are, but lack an attribute
	Vanished int64 // sources that were gone when their turn came
	Changed  int64 // sources that changed while they were copied
}

// fields lists all of a Tally's numbers, in the order of the encoding.
func (t *Tally) fields() []*int64 {
	f := make([]*int64, 0, len(t.Kind)+6)
	for i := range t.Kind {
		f = append(f, &t.Kind[i])
	}
	return append(f, &t.Bytes, &t.HardLinks, &t.Failed, &t.Lossy, &t.Vanished, &t.Changed)
}

// Add counts what another part of the tree did.
func (t *Tally) Add(o Tally) {
	mine, theirs := t.fields(), o.fields()
	for i := range mine {
		*mine[i] += *theirs[i]
	}
}

// Total is the number of entries at the destination.
func (t *Tally) Total() (n int64) {
	for _, k := range t.Kind {
		n += k
	}
	return n
}

// Whole tells that all data is at the destination.
func (t *Tally) Whole() bool { return t.Failed+t.Vanished+t.Changed == 0 }

// asOne makes what happened to the segments of one file happen to the file.
func (t *Tally) asOne() {
	for _, n := range []*int64{&t.Failed, &t.Lossy, &t.Vanished, &t.Changed} {
		*n = min(*n, 1)
	}
}

func (t *Tally) encode() []byte {
	b := make([]byte, 0, 24)
	for _, f := range t.fields() {
		b = binary.AppendUvarint(b, uint64(*f))
	}
	return b
}

// DecodeTally reads a task's result, as circle.Outcome has it for the root. A
// short one ends in zeros.
func DecodeTally(b []byte) Tally {
	var t Tally
	for _, f := range t.fields() {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			break
		}
		*f, b = int64(v), b[n:]
	}
	return t
}

func addResults(results [][]byte) Tally {
	var sum Tally
	for _, r := range results {
		sum.Add(DecodeTally(r))
	}
	return sum
}
