package circle

import "fmt"

// group is what a rank knows of the others as a whole: who is lost, and, on
// rank 0, who has said hello and goodbye.
type group struct {
	rank, size int
	losses     map[int]*loss
	roll       roll   // rank 0: hellos until the start, goodbyes from the end on
	question   []byte // what rank 0 has asked; nil before
	cancelled  bool
	why        []byte
}

func (g *group) init(cfg Config) {
	g.rank, g.size = cfg.Rank, cfg.Size
	g.losses = make(map[int]*loss)
	if g.rank == 0 {
		g.roll.open(g.size)
	}
}

func (g *group) isLost(rank int) bool { return g.losses[rank] != nil }

// allowed tells whether a message makes sense from that rank to this one.
func (g *group) allowed(from int, m message) error {
	ok := from >= 0 && from < g.size && from != g.rank
	switch m.kind {
	case kindJoin, kindHello, kindSuspect, kindFenced, kindCancel, kindBye:
		ok = ok && g.rank == 0
	case kindAsk, kindLost, kindRequeue:
		ok = ok && from == 0
	case kindDone:
		ok = ok && g.rank != 0
	}
	switch m.kind {
	case kindSuspect, kindLost, kindFenced, kindRequeue:
		ok = ok && m.id > 0 && m.id < uint64(g.size) // rank 0 is never declared lost
	case kindCounters, kindReport:
		ok = false // these are Run's, not the Node's
	}
	if !ok {
		return fmt.Errorf("%w: kind %d from rank %d to rank %d of %d", errMalformed, m.kind, from, g.rank, g.size)
	}
	return nil
}

// roll is a list on which every rank is ticked off once, with a card.
type roll struct {
	cards  [][]byte
	ticked []bool
	left   int
}

func (r *roll) open(size int) {
	r.cards, r.ticked, r.left = make([][]byte, size), make([]bool, size), size
}

// tick ticks a rank off; again is no harm.
func (r *roll) tick(rank int, card []byte) {
	if !r.ticked[rank] {
		r.ticked[rank] = true
		r.cards[rank] = card
		r.left--
	}
}

// Join tells rank 0 of this rank. Where rank 0 asks a question, it is the
// first thing to do.
func (n *Node) Join() {
	if n.cfg.Rank != 0 {
		n.send(0, message{kind: kindJoin})
	}
}

// Ask asks every rank what Hello is to answer, on rank 0.
func (n *Node) Ask(question []byte) {
	for r := range n.cfg.Size {
		n.send(r, message{kind: kindAsk, body: question})
	}
}

// onAsk takes the question. It is not nil from then on.
func (n *Node) onAsk(question []byte) {
	n.group.question = append([]byte{}, question...)
}

// Asked returns rank 0's question while an answer is wanted, else nil.
func (n *Node) Asked() []byte {
	if n.phase != starting || n.cfg.Rank == 0 && n.group.roll.ticked[0] {
		return nil
	}
	return n.group.question
}

// Hello says that this rank is ready, with its card for rank 0. Before it, the
// rank neither works nor steals.
func (n *Node) Hello(card []byte) {
	n.send(0, message{kind: kindHello, body: card})
	if n.cfg.Rank != 0 && n.phase == starting {
		n.phase = working
	}
}

func (n *Node) onHello(from int, card []byte) {
	if n.phase == starting {
		n.group.roll.tick(from, card)
	}
}

// Greeted returns the cards of Hello, by rank, on rank 0 once all have come
// and Start is wanted; nil before and after.
func (n *Node) Greeted() [][]byte {
	if n.cfg.Rank != 0 || n.phase != starting || n.group.roll.left > 0 {
		return nil
	}
	return n.group.roll.cards
}

// Start queues the root task, on rank 0 after Greeted.
func (n *Node) Start(body []byte) {
	if n.Greeted() == nil || len(body) > MaxBody {
		panic("circle: Start before all ranks have said hello, or with too long a body")
	}
	n.phase = working
	n.stats.Created++
	n.root = &Task{Body: body, peer: noRank}
	n.queue.push(n.root)
	n.feed()
}

// Cancel ends the job, on any rank, before its work is done. This rank stops
// at once: what it runs may be cut short from now on and must not pass for
// done. How the job ends is rank 0's to say, which may have ended it already.
func (n *Node) Cancel(why string) {
	if n.phase > working {
		return
	}
	if n.cfg.Rank != 0 {
		n.quit(stopping)
	}
	n.send(0, message{kind: kindCancel, body: []byte(why[:min(len(why), MaxBody)])})
}

// fanOut is how many ranks one rank tells that the job is over. Rank 0 tells
// the most of a usual job by itself, over connections that are there anyway.
const fanOut = 64

// end is the end of the job on this rank: nothing is handed out any more, and
// the word is passed on.
func (n *Node) end(cancelled bool, why []byte) {
	if n.phase == ending || n.phase == over {
		return
	}
	n.quit(ending)
	n.group.cancelled, n.group.why = cancelled, why
	n.pass(n.cfg.Rank)
	if n.cfg.Rank == 0 {
		n.group.roll.open(n.cfg.Size)
		for _, r := range n.LostRanks() {
			n.group.roll.tick(r, nil)
			n.pass(r)
		}
	}
}

// pass sends the word to the children of rank in a tree of all ranks. Those of
// a lost one are told by rank 0, which alone knows of every loss in time.
func (n *Node) pass(rank int) {
	for c := rank*fanOut + 1; c <= (rank+1)*fanOut && c < n.cfg.Size; c++ {
		if !n.group.isLost(c) {
			n.done(c)
		}
	}
}

func (n *Node) done(to int) {
	n.send(to, message{kind: kindDone, flag: n.group.cancelled, body: n.group.why})
}

// Ending tells that the job is over, that no worker of this rank has anything
// in hand or to close any more, and that Bye is wanted.
func (n *Node) Ending() bool {
	return n.phase == ending && n.running == 0 && len(n.closable) == 0 && !n.saidBye()
}

func (n *Node) saidBye() bool { return n.cfg.Rank == 0 && n.group.roll.ticked[0] }

// Bye says goodbye, with a card for rank 0.
func (n *Node) Bye(card []byte) {
	n.send(0, message{kind: kindBye, body: card})
	if n.cfg.Rank != 0 {
		n.phase = over
	}
}

func (n *Node) onBye(from int, card []byte) {
	if n.phase == ending {
		n.group.roll.tick(from, card)
		n.checkOver()
	}
}

func (n *Node) checkOver() {
	if n.phase == ending && n.group.roll.left == 0 {
		n.phase = over
	}
}

// Over tells that this rank is done. err is why, if it ended badly: this rank
// was evicted, or rank 0 is lost.
func (n *Node) Over() (over_ bool, err error) { return n.phase == over, n.err }

// Cancelled tells whether and why the job was cancelled.
func (n *Node) Cancelled() (why string, cancelled bool) {
	return string(n.group.why), n.group.cancelled
}

// Result is the root's result, on rank 0 once the job has ended uncancelled.
func (n *Node) Result() []byte { return n.result }

// Byes returns the cards of Bye by rank, on rank 0: nil for those who have not
// said it.
func (n *Node) Byes() [][]byte { return n.group.roll.cards }
