package circletest

import (
	"container/heap"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"gdcp/circle"
)

// Sim runs the Nodes of a whole job in one goroutine, in virtual time, by a
// seed: the same seed gives the same run. It checks, all the while, that no
// task is lost, made twice, or run by two ranks at once.
//
// Tasks are the nodes of a Tree; a task's result is the number of nodes below
// and with it, so the root's result is known beforehand.
type Sim struct {
	cfg    SimConfig
	rng    *rand.Rand
	now    time.Duration
	events eventHeap
	order  uint64 // of events, so that ties keep their order
	ranks  []simRank
	last   map[pair]time.Duration // when the last message of a pair arrives
	runs   map[string]int         // rank that runs a task now, by body
	flying int                    // tasks in deals on their way
	report SimReport
}

// SimConfig describes a simulated job. Ranks and Tree have to be set.
type SimConfig struct {
	Ranks, Workers int // Workers of each rank; default 1
	Tree           Tree
	Seed           uint64
	Node           circle.Config // bounds; Rank, Size, Root and Seed are set by the Sim

	// Latency of a message is Latency plus a random part up to Jitter.
	Latency, Jitter time.Duration
	// Stall, with the probability StallShare, is added to a message's latency
	// and to a task's time.
	Stall      time.Duration
	StallShare float64
	// Deaths kills a rank (not rank 0) at each of these times; Evictions
	// makes some rank believe at these times that another, which lives, is
	// lost.
	Deaths, Evictions []time.Duration

	// Check makes the Sim count all tasks after every event: slow, thorough.
	Check bool
}

// SimReport is what a simulated job showed.
type SimReport struct {
	Tasks    uint64        // closed
	Messages uint64        // sent by all ranks
	Steals   uint64        // deals asked for
	Lent     uint64        // tasks that changed ranks
	Requeued uint64        // tasks that came back from lost ranks
	Span     time.Duration // from the start of the root to the end of the last task
	Busy     time.Duration // sum of the tasks' times
	Known    time.Duration // from the last task's end until every rank knew that the job is over
	Result   uint64        // the root's
}

// Idle is the share of the workers' time in Span that was not spent in tasks.
func (r SimReport) Idle(workers int) float64 {
	return 1 - float64(r.Busy)/(float64(r.Span)*float64(workers))
}

type pair struct{ from, to int }

type simRank struct {
	node    *circle.Node
	idle    int
	dead    bool
	knows   bool // that the job is over
	ticking bool
}

// NewSim prepares a job.
func NewSim(cfg SimConfig) *Sim {
	cfg.Workers = max(cfg.Workers, 1)
	s := &Sim{
		cfg:   cfg,
		rng:   rand.New(rand.NewPCG(cfg.Seed, 1)),
		ranks: make([]simRank, cfg.Ranks),
		last:  make(map[pair]time.Duration),
		runs:  make(map[string]int),
	}
	for r := range s.ranks {
		c := cfg.Node
		c.Rank, c.Size, c.Seed, c.Combine = r, cfg.Ranks, cfg.Seed, sumResults
		s.ranks[r] = simRank{node: circle.New(c), idle: cfg.Workers}
	}
	return s
}

// Run runs the job to its end. An error names the seed.
func (s *Sim) Run() (SimReport, error) {
	if err := s.run(); err != nil {
		return s.report, fmt.Errorf("seed %d, at %v: %w", s.cfg.Seed, s.now, err)
	}
	return s.report, nil
}

func (s *Sim) run() error {
	for r := range s.ranks {
		s.ranks[r].node.Hello(nil)
		s.settle(r)
	}
	for _, t := range s.cfg.Deaths {
		s.at(t, func() error { s.kill(s.someone()); return nil })
	}
	for _, t := range s.cfg.Evictions {
		s.at(t, func() error { s.suspect(s.someone()); return nil })
	}
	for s.events.Len() > 0 {
		e := heap.Pop(&s.events).(event)
		s.now = e.at
		if err := e.do(); err != nil {
			return err
		}
		if s.cfg.Check && len(s.cfg.Deaths)+len(s.cfg.Evictions) == 0 {
			if err := s.conserved(); err != nil {
				return err
			}
		}
	}
	return s.ended()
}

// at has something done at a time.
func (s *Sim) at(t time.Duration, do func() error) {
	s.order++
	heap.Push(&s.events, event{at: t, order: s.order, do: do})
}

// settle does for a rank what circle.Run does after each call of its Node.
func (s *Sim) settle(r int) {
	n := &s.ranks[r]
	if n.dead {
		return
	}
	if r == 0 && n.node.Greeted() != nil {
		n.node.Start(s.cfg.Tree.Root())
	}
	for n.idle > 0 && s.hand(r) {
		n.idle--
	}
	if n.node.Ending() && n.idle == s.cfg.Workers {
		s.learns(r)
		n.node.Bye(nil)
	}
	if over, _ := n.node.Over(); over {
		s.learns(r)
	}
	for _, e := range n.node.Outbox() {
		s.send(r, e)
	}
	if n.node.Ticking() && !n.ticking {
		n.ticking = true
		s.at(s.now+time.Millisecond, func() error {
			n.ticking = false
			if !n.dead {
				n.node.Tick()
			}
			s.settle(r)
			return nil
		})
	}
}

func (s *Sim) learns(r int) {
	if n := &s.ranks[r]; !n.knows {
		n.knows = true
		s.report.Known = s.now - s.report.Span
	}
}

// hand gives a worker of rank r something to do.
func (s *Sim) hand(r int) bool {
	n := s.ranks[r].node
	t, isClose := n.Next()
	if t == nil {
		return false
	}
	if isClose {
		s.at(s.now, func() error { return s.close(r, t) })
		return true
	}
	if other, ok := s.runs[string(t.Body)]; ok && !s.ranks[other].dead {
		s.at(s.now, func() error { return fmt.Errorf("ranks %d and %d run the same task", other, r) })
	}
	s.runs[string(t.Body)] = r
	children, took := s.cfg.Tree.Run(t.Body)
	took += s.stall()
	s.at(s.now+took, func() error { return s.ran(r, t, children, took) })
	return true
}

func (s *Sim) ran(r int, t *circle.Task, children [][]byte, took time.Duration) error {
	if s.ranks[r].dead {
		return nil
	}
	n := s.ranks[r].node
	if s.runs[string(t.Body)] == r {
		delete(s.runs, string(t.Body))
	}
	for _, c := range children {
		n.Spawn(t, c)
	}
	s.report.Busy += took
	s.report.Span = s.now
	if n.Ran(t) {
		return s.close(r, t)
	}
	s.ranks[r].idle++
	s.settle(r)
	return nil
}

func (s *Sim) close(r int, t *circle.Task) error {
	if s.ranks[r].dead {
		return nil
	}
	sum := count(circle.Results(t))
	s.ranks[r].node.Closed(t, binary.AppendUvarint(nil, sum+1))
	s.ranks[r].idle++
	s.settle(r)
	return nil
}

// send has a message arrive later, after those before it.
func (s *Sim) send(from int, e circle.Envelope) {
	delay := s.cfg.Latency + s.stall()
	if s.cfg.Jitter > 0 {
		delay += time.Duration(s.rng.Int64N(int64(s.cfg.Jitter)))
	}
	at := s.now + delay
	if s.cfg.Jitter > 0 || s.cfg.Stall > 0 {
		p := pair{from, e.To}
		at = max(at, s.last[p])
		s.last[p] = at
	}
	tasks := circle.TasksIn(e.Body)
	s.flying += tasks
	s.at(at, func() error {
		s.flying -= tasks
		if s.ranks[e.To].dead {
			return nil
		}
		if err := s.ranks[e.To].node.Step(from, e.Body); err != nil {
			return fmt.Errorf("rank %d: message of rank %d: %w", e.To, from, err)
		}
		s.settle(e.To)
		return nil
	})
}

func (s *Sim) stall() time.Duration {
	if s.cfg.Stall > 0 && s.rng.Float64() < s.cfg.StallShare {
		return s.cfg.Stall
	}
	return 0
}

func (s *Sim) someone() int { return 1 + s.rng.IntN(s.cfg.Ranks-1) }

// kill ends a rank. What it has sent still arrives; then the others hear of
// it: rank 0, and some that were connected.
func (s *Sim) kill(r int) {
	if s.ranks[r].dead {
		return
	}
	s.ranks[r].dead = true
	for o := range s.ranks {
		if o == 0 || s.rng.IntN(2) == 0 {
			s.lose(o, r)
		}
	}
}

// suspect makes some rank believe that r is lost, though it lives. What r runs
// at the time cannot be fenced off by anybody; that is what the 10 seconds in
// which a rank must end itself are for, so here r stops at once.
func (s *Sim) suspect(r int) {
	o := s.rng.IntN(s.cfg.Ranks)
	if o == r || s.ranks[r].dead || s.ranks[o].dead {
		return
	}
	s.ranks[r].dead = true
	s.lose(o, r)
	if o != 0 {
		s.lose(0, r) // rank 0 hears of it anyway, later
	}
}

// lose tells rank o that r is gone, after all that r sent to it.
func (s *Sim) lose(o, r int) {
	at := max(s.now, s.last[pair{r, o}]) + time.Duration(s.rng.Int64N(int64(time.Millisecond)))
	s.at(at, func() error {
		if !s.ranks[o].dead {
			s.ranks[o].node.Lost(r, circle.ErrClosed)
			s.settle(o)
		}
		return nil
	})
}

type event struct {
	at    time.Duration
	order uint64
	do    func() error
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].order < h[j].order
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = event{}
	*h = old[:len(old)-1]
	return e
}
