package circle

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// stranger reads what happens to a Node from bytes: messages of all kinds, from
// all ranks, whether they make sense or not, among what its own user does.
type stranger struct {
	script []byte
	n      *Node
	hands  []hand
}

func (s *stranger) byte() int {
	if len(s.script) == 0 {
		return 0
	}
	b := s.script[0]
	s.script = s.script[1:]
	return int(b)
}

// FuzzNode checks that whatever the peers send, a Node neither panics nor says
// what cannot be read, and stays one that ends. Peers are authenticated: they can
// be wrong, but not evil, so that the job may well fail.
func FuzzNode(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		script := make([]byte, 20+rng.IntN(400))
		for i := range script {
			script[i] = byte(rng.Uint32())
		}
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		s := &stranger{script: script}
		size := 1 + s.byte()%5
		s.n = New(Config{Rank: s.byte() % size, Size: size, MaxResults: 2, Combine: foldResults, MaxDealTasks: 3})
		for len(s.script) > 0 {
			s.act()
			s.checkOutbox(t)
		}
		s.finish(t)
	})
}

func (s *stranger) act() {
	n := s.n
	switch s.byte() % 12 {
	case 0:
		n.Hello(nil)
	case 1:
		if n.Greeted() != nil {
			n.Start([]byte("root"))
		}
	case 2, 3:
		if t, isClose := n.Next(); t != nil {
			s.hands = append(s.hands, hand{t: t, closing: isClose})
		}
	case 4:
		if h := s.hand(); h != nil && !h.closing {
			n.Spawn(h.t, []byte("child"))
		}
	case 5:
		s.put()
	case 6:
		n.Tick()
	case 7:
		if r := s.byte() % n.cfg.Size; r != n.cfg.Rank {
			n.Lost(r, errGone)
		}
	case 8:
		if s.byte() == 0 {
			n.Cancel("enough")
		}
	case 9:
		if n.Ending() {
			n.Bye(nil)
		}
	default:
		s.message()
	}
}

func (s *stranger) hand() *hand {
	if len(s.hands) == 0 {
		return nil
	}
	return &s.hands[s.byte()%len(s.hands)]
}

// put has a worker come back with a task.
func (s *stranger) put() {
	h := s.hand()
	if h == nil {
		return
	}
	gone := h.closing
	if gone {
		s.n.Closed(h.t, []byte("x"))
	} else if h.closing = s.n.Ran(h.t); !h.closing {
		gone = true
	}
	if gone {
		*h = s.hands[len(s.hands)-1]
		s.hands = s.hands[:len(s.hands)-1]
	}
}

// message has one arrive that is well formed, most of the time.
func (s *stranger) message() {
	m := message{kind: kind(s.byte()) % (kinds + 1), flag: s.byte()%2 == 0, id: uint64(s.byte() % 7)}
	for range s.byte() % 4 {
		m.tasks = append(m.tasks, wireTask{uint64(s.byte() % 7), []byte("stolen")})
	}
	body := binary.AppendUvarint([]byte{byte(m.kind)}, m.id)
	if m.kind < kinds {
		body = m.encode()
	}
	_ = s.n.Step(s.byte()%(s.n.cfg.Size+1), body) // an error ends the job: so be it
}

func (s *stranger) checkOutbox(t *testing.T) {
	for _, e := range s.n.Outbox() {
		if _, err := decode(e.Body); err != nil || e.To < 0 || e.To >= s.n.cfg.Size || e.To == s.n.cfg.Rank {
			t.Fatalf("to %d: %v", e.To, err)
		}
	}
}

// finish fails the job. All that has run must come back to be closed, once.
func (s *stranger) finish(t *testing.T) {
	s.n.fail(errGone)
	for rounds := 0; ; rounds++ {
		for len(s.hands) > 0 {
			s.put()
		}
		h, isClose := s.n.Next()
		if h == nil {
			break
		}
		if !isClose || !h.Dropped() || rounds > 1000 {
			t.Fatalf("after the end, %q was handed out: to be closed %v, dropped %v", h.Body, isClose, h.Dropped())
		}
		s.hands = append(s.hands, hand{t: h, closing: true})
	}
	if st := s.n.Stats(); st.Queued+st.Running+st.Waiting+st.Out > 0 {
		t.Fatalf("after the end there are %+v", st)
	}
}
