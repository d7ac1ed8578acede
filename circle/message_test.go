package circle

import (
	"bytes"
	"math"
	"reflect"
	"runtime"
	"testing"
)

// samples has a message of every kind.
func samples() []message {
	long := bytes.Repeat([]byte("x"), 300)
	out := []message{
		{kind: kindSteal, flag: true},
		{kind: kindDeal},
		{kind: kindDeal, flag: true, tasks: []wireTask{{1, []byte("a")}, {math.MaxUint64, long}, {3, nil}}},
		{kind: kindClose, id: math.MaxUint64, body: long},
		{kind: kindDone, flag: true, body: []byte("why")},
		{kind: kindCounters, numbers: []int64{0, -1, math.MaxInt64, math.MinInt64}},
	}
	for k := kind(1); k < kinds; k++ {
		m := message{kind: k}
		if layout[k]&hasID != 0 {
			m.id = uint64(k)
		}
		if layout[k]&hasNumbers != 0 {
			m.numbers = []int64{}
		}
		if layout[k]&hasBody != 0 {
			m.body = []byte("body")
		}
		out = append(out, m)
	}
	return out
}

func TestMessageRoundTrip(t *testing.T) {
	for _, m := range samples() {
		b := m.encode()
		if len(b) > m.size() {
			t.Errorf("%v takes %d bytes, more than size says: %d", m, len(b), m.size())
		}
		got, err := decode(b)
		if err != nil {
			t.Errorf("%v: %v", m, err)
		}
		if !sameMessage(got, m) {
			t.Errorf("got %+v, want %+v", got, m)
		}
	}
}

// sameMessage takes no bytes and nil for the same.
func sameMessage(a, b message) bool {
	for _, m := range []*message{&a, &b} {
		m.body = append([]byte{}, m.body...)
		m.numbers = append([]int64{}, m.numbers...)
		tasks := []wireTask{}
		for _, t := range m.tasks {
			tasks = append(tasks, wireTask{t.id, append([]byte{}, t.body...)})
		}
		m.tasks = tasks
	}
	return reflect.DeepEqual(a, b)
}

// TestMessageCut cuts and lengthens every message: what is not whole is an
// error, unless it is another message (a body is the rest, however short).
func TestMessageCut(t *testing.T) {
	for _, m := range samples() {
		b := m.encode()
		for n := range b {
			got, err := decode(b[:n])
			if err == nil && len(got.encode()) != n {
				t.Errorf("%d of %d bytes of %v are taken for %v", n, len(b), m, got)
			}
		}
		if _, err := decode(append(b, 0)); err == nil && layout[m.kind]&hasBody == 0 {
			t.Errorf("%v with a byte too many is accepted", m)
		}
	}
}

func TestMessageBounds(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":           {},
		"kind 0":            {0},
		"an unknown kind":   {byte(kinds)},
		"no flag":           {byte(kindSteal)},
		"flag 2":            {byte(kindSteal), 2},
		"an endless number": append([]byte{byte(kindRevoke)}, bytes.Repeat([]byte{0xff}, 11)...),
		"many tasks":        {byte(kindDeal), 0, 0xff, 0xff, 0x01, 0, 0},
		"tasks beyond":      append([]byte{byte(kindDeal), 0, 0x81, 0x80, 0x01}, make([]byte, 100000)...),
		"a body beyond":     {byte(kindDeal), 0, 1, 1, 0x7f, 0},
		"numbers beyond":    append([]byte{byte(kindCounters), 0x81, 0x08}, make([]byte, 5000)...),
		"a long body":       append([]byte{byte(kindReport)}, make([]byte, MaxBody+1)...),
	} {
		if m, err := decode(b); err == nil {
			t.Errorf("%s: taken for %.40v", name, m)
		}
	}
}

// TestMessageTooLong checks that what no receiver would take is not sent.
func TestMessageTooLong(t *testing.T) {
	for name, m := range map[string]message{
		"card":     {kind: kindBye, body: make([]byte, MaxBody+1)},
		"counters": {kind: kindCounters, numbers: make([]int64, maxNumbers+1)},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a %s that is too long was encoded", name)
				}
			}()
			m.encode()
		}()
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range samples() {
		f.Add(m.encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := mallocs()
		m, err := decode(b)
		// A task of two bytes becomes one of 32; of the error there is little.
		if got, most := mallocs()-before, uint64(16*len(b)+4096); got > most {
			t.Errorf("%d bytes allocated for a message of %d", got, len(b))
		}
		if err != nil {
			return
		}
		again, err := decode(m.encode())
		if err != nil || !sameMessage(again, m) {
			t.Errorf("%+v became %+v, %v", m, again, err)
		}
	})
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
