package circletest

import (
	"encoding/binary"
	"fmt"
)

// conserved checks that every task that was made is in one place: created =
// closed + discarded + queued + running + waiting + in flight. A task that was
// dealt is counted where it was dealt to.
func (s *Sim) conserved() error {
	var created, closed, discarded uint64
	var here int
	for r := range s.ranks {
		st := s.ranks[r].node.Stats()
		created += st.Created
		closed += st.Closed
		discarded += st.Discarded
		here += st.Queued + st.Running + st.Waiting
	}
	if placed := closed + discarded + uint64(here) + uint64(s.flying); created != placed {
		return fmt.Errorf("%d tasks created, but %d closed + %d discarded + %d here + %d in flight",
			created, closed, discarded, here, s.flying)
	}
	return nil
}

// ended checks the end: every living rank knows it, nothing is left anywhere,
// and the root's result is the right one.
func (s *Sim) ended() error {
	for r := range s.ranks {
		n := s.ranks[r].node
		if s.ranks[r].dead {
			continue
		}
		over, err := n.Over()
		if !over {
			return fmt.Errorf("rank %d is not over: %+v", r, n.Stats())
		}
		if err != nil {
			return fmt.Errorf("rank %d: %w", r, err)
		}
		st := n.Stats()
		s.report.Tasks += st.Closed
		s.report.Messages += st.Sent
		s.report.Steals += st.Steals
		s.report.Lent += st.Lent
		s.report.Requeued += st.Requeued
		if st.Queued+st.Running+st.Waiting != 0 {
			return fmt.Errorf("rank %d is over with work: %+v", r, st)
		}
	}
	if why, cancelled := s.ranks[0].node.Cancelled(); cancelled {
		return fmt.Errorf("cancelled: %s", why)
	}
	s.report.Result, _ = binary.Uvarint(s.ranks[0].node.Result())
	if want := s.cfg.Tree.Size(); s.report.Result != want {
		return fmt.Errorf("the root counts %d tasks, the tree has %d", s.report.Result, want)
	}
	return nil
}

func count(results [][]byte) (sum uint64) {
	for _, r := range results {
		v, _ := binary.Uvarint(r)
		sum += v
	}
	return sum
}

func sumResults(results [][]byte) []byte { return binary.AppendUvarint(nil, count(results)) }
