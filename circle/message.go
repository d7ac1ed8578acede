package circle

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// kind says what a message means. The comments name who sends it to whom.
type kind uint8

const (
	_ kind = iota

	kindJoin  // any to 0: I am here (so that the transport watches over the two)
	kindAsk   // 0 to all: body is the question that Hello answers
	kindHello // any to 0: body is the rank's card; it is ready

	kindSteal // thief to victim: tasks, please; flag: I wait on you (lifeline)
	kindDeal  // victim to thief: tasks; flag: this answers a steal that is not a lifeline's
	kindClose // borrower to lender: the task lent as id has closed; body is its result

	kindRevoke  // lender to borrower: drop the task that I lent you as id
	kindSuspect // any to 0: the transport says that rank id is gone
	kindLost    // 0 to all: rank id is lost
	kindFenced  // any to 0: nothing of lost rank id is left here
	kindRequeue // 0 to all: queue again what you lent to lost rank id

	kindCancel // any to 0: stop the job; body says why
	kindDone   // 0 to all, along a tree: the job is over; flag: cancelled; body says why
	kindBye    // any to 0: nothing runs here any more; body is the rank's last card

	kindCounters // any to 0: this rank's counters, as numbers
	kindReport   // any to 0: body for the Reporter

	kinds
)

// fields is the set of fields that a kind of message carries, in the order of
// the constants.
type fields uint8

const (
	hasFlag fields = 1 << iota
	hasID
	hasTasks
	hasNumbers
	hasBody // the rest of the message
)

var layout = [kinds]fields{ //nolint:gochecknoglobals // a constant table
	kindJoin:     0,
	kindAsk:      hasBody,
	kindHello:    hasBody,
	kindSteal:    hasFlag,
	kindDeal:     hasFlag | hasTasks,
	kindClose:    hasID | hasBody,
	kindRevoke:   hasID,
	kindSuspect:  hasID,
	kindLost:     hasID,
	kindFenced:   hasID,
	kindRequeue:  hasID,
	kindCancel:   hasBody,
	kindDone:     hasFlag | hasBody,
	kindBye:      hasBody,
	kindCounters: hasNumbers,
	kindReport:   hasBody,
}

// Bounds of what is believed from the wire.
const (
	maxRanks     = 1 << 24
	maxWireTasks = 1 << 14
	maxNumbers   = 1 << 10
)

// wireTask is a task on its way: the lender's number for it, and its body.
type wireTask struct {
	id   uint64
	body []byte
}

// message is any message; which fields mean something is in layout.
type message struct {
	kind    kind
	flag    bool
	id      uint64 // a lent task's number, or a rank
	tasks   []wireTask
	numbers []int64
	body    []byte
}

// encode returns the message's bytes: the kind, then the fields of its
// layout, numbers as varints, byte strings behind their length. What is longer
// than a receiver believes is a bug of whoever passed it, and panics.
func (m *message) encode() []byte {
	if len(m.body) > MaxBody || len(m.numbers) > maxNumbers {
		panic(fmt.Sprintf("circle: %d bytes or %d numbers are too many for one message", len(m.body), len(m.numbers)))
	}
	b := make([]byte, 0, m.size())
	b = append(b, byte(m.kind))
	has := layout[m.kind]
	if has&hasFlag != 0 {
		var f byte
		if m.flag {
			f = 1
		}
		b = append(b, f)
	}
	if has&hasID != 0 {
		b = binary.AppendUvarint(b, m.id)
	}
	if has&hasTasks != 0 {
		b = binary.AppendUvarint(b, uint64(len(m.tasks)))
		for _, t := range m.tasks {
			b = binary.AppendUvarint(b, t.id)
			b = binary.AppendUvarint(b, uint64(len(t.body)))
			b = append(b, t.body...)
		}
	}
	if has&hasNumbers != 0 {
		b = binary.AppendUvarint(b, uint64(len(m.numbers)))
		for _, v := range m.numbers {
			b = binary.AppendVarint(b, v)
		}
	}
	return append(b, m.body...)
}

// size is an upper bound of the encoded size.
func (m *message) size() int {
	n := 2 + 3*binary.MaxVarintLen64 + len(m.body) + len(m.numbers)*binary.MaxVarintLen64
	for _, t := range m.tasks {
		n += 2*binary.MaxVarintLen64 + len(t.body)
	}
	return n
}

var errMalformed = errors.New("malformed message")

// decode reads a message. Byte strings of the result share b's memory.
func decode(b []byte) (m message, err error) {
	r := reader{b: b}
	m.kind = kind(r.byte())
	if m.kind == 0 || m.kind >= kinds {
		return message{}, fmt.Errorf("%w: kind %d", errMalformed, m.kind)
	}
	has := layout[m.kind]
	if has&hasFlag != 0 {
		f := r.byte()
		m.flag = f == 1
		r.bad = r.bad || f > 1
	}
	if has&hasID != 0 {
		m.id = r.uvarint()
	}
	if has&hasTasks != 0 {
		m.tasks = r.tasks()
	}
	if has&hasNumbers != 0 {
		m.numbers = r.numbers()
	}
	if has&hasBody != 0 {
		m.body, r.b = r.b, nil
	}
	if r.bad || len(r.b) != 0 || len(m.body) > MaxBody {
		return message{}, fmt.Errorf("%w: kind %d of %d bytes", errMalformed, m.kind, len(b))
	}
	return m, nil
}

// reader takes fields off the front of b. After a field that is not there it
// is bad and returns zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes(limit int) []byte {
	n := r.uvarint()
	if n > uint64(min(limit, len(r.b))) {
		r.bad, r.b = true, nil
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

// count reads a number of items that take at least size bytes each, so that
// it can be believed before anything is allocated for them.
func (r *reader) count(limit, size int) int {
	n := r.uvarint()
	if n > uint64(min(limit, len(r.b)/size)) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func (r *reader) tasks() []wireTask {
	n := r.count(maxWireTasks, 2)
	if n == 0 {
		return nil
	}
	v := make([]wireTask, n)
	for i := range v {
		v[i] = wireTask{id: r.uvarint(), body: r.bytes(MaxBody)}
	}
	return v
}

func (r *reader) numbers() []int64 {
	n := r.count(maxNumbers, 1)
	v := make([]int64, n)
	for i := range v {
		v[i] = r.varint()
	}
	return v
}
