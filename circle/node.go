package circle

// Node is the protocol of one rank. It is not safe for concurrent use.
//
// Its user feeds it what happens (Step, Lost, Tick), hands its tasks to
// workers (Next, Spawn, Ran, Closed), and after each call sends what Outbox
// returns.
type Node struct {
	cfg    Config
	phase  phase
	outbox []Envelope
	stats  Stats
	err    error // the job ended badly for this rank

	queue    queue
	closable []*Task // in state closing and not handed out; the last is next
	running  int     // handed out to workers
	taken    int     // tasks handed out to be run since this rank fell asleep
	dropping bool    // some task here was dropped before the end of the job

	thief thief
	giver giver
	loans loans
	group group

	root   *Task  // rank 0, once started
	result []byte // the root's, once it has closed
}

// Envelope is an encoded message and the rank that it is for.
type Envelope struct {
	To   int
	Body []byte
}

// Stats counts what a Node did and holds.
type Stats struct {
	Created, Closed     uint64 // tasks spawned here (with the root); tasks that closed at this home
	Lent, Borrowed      uint64 // tasks dealt to others; tasks dealt to us
	Steals, EmptySteals uint64 // deals asked for; those that came back empty
	Requeued, Discarded uint64 // tasks back from lost ranks; tasks dropped before they ran
	Sent                uint64 // messages

	Queued, Running, Waiting, Out int // tasks here now; Out are lent
}

// phase is where the job stands for this rank.
type phase uint8

const (
	starting phase = iota // this rank (on rank 0: some rank) has not said hello
	working
	stopping // this rank, not 0, has asked for a cancel, and waits for rank 0's word
	ending   // the job is over; the last workers come back
	over     // this rank (on rank 0: every rank) has said goodbye
)

// New returns a Node. A Config that does not validate is a bug of the caller
// and panics.
func New(cfg Config) *Node {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		panic("circle: " + err.Error())
	}
	n := &Node{cfg: cfg}
	n.loans.init()
	n.group.init(cfg)
	n.thief.init(n)
	return n
}

// Stats returns the counts as they stand.
func (n *Node) Stats() Stats {
	s := n.stats
	s.Queued, s.Running, s.Out = n.queue.len, n.running, len(n.loans.lent)
	s.Waiting += len(n.closable)
	return s
}

// Outbox returns the messages to send, in order, and forgets them.
func (n *Node) Outbox() []Envelope {
	out := n.outbox
	n.outbox = nil
	return out
}

// Next hands out what a worker is to do: run t, or call Close for it. It
// returns nil when there is nothing, and then sees to it that something comes.
// Once the job is over it still hands out what has run, to be closed, dropped.
func (n *Node) Next() (t *Task, isClose bool) {
	if last := len(n.closable) - 1; last >= 0 {
		t, n.closable = n.closable[last], n.closable[:last]
		n.running++
		n.dropIfOver(t)
		return t, true
	}
	if n.phase != working {
		return nil, false
	}
	t = n.queue.popNewest()
	if t == nil {
		n.hunger()
		return nil, false
	}
	t.state = running
	n.running++
	n.taken++
	return t, false
}

// Available is how many tasks Next could hand out now.
func (n *Node) Available() int { return n.queue.len + len(n.closable) }

// Spawn makes a child of parent, which is running, and queues it.
func (n *Node) Spawn(parent *Task, body []byte) {
	if len(body) > MaxBody {
		panic("circle: the body of a task is longer than MaxBody")
	}
	if n.phase != working || n.dropping && parent.Dropped() {
		n.stats.Discarded++
		return
	}
	parent.open++
	n.stats.Created++
	n.queue.push(&Task{Body: body, parent: parent, peer: noRank})
	n.feed()
}

// Full tells that the queue is as long as it may become by Spawn.
func (n *Node) Full() bool {
	return n.phase == working && (n.queue.len >= n.cfg.MaxQueue || n.queue.bytes >= n.cfg.MaxQueueBytes)
}

// Ran takes back t, which Next handed out to be run. If it is true, Close is
// to be called for t at once, by the same worker, and then Closed. A run that
// comes back after the end of the job may have been cut short: it is dropped.
func (n *Node) Ran(t *Task) (isClose bool) {
	n.dropIfOver(t)
	if t.open == 0 {
		t.state = closing
		return true
	}
	t.state = waiting
	n.running--
	n.stats.Waiting++
	return false
}

func (n *Node) dropIfOver(t *Task) {
	if n.phase != working {
		t.dropped.Store(true)
	}
}

// Closed takes back t, for which Close was called, with its result.
func (n *Node) Closed(t *Task, result []byte) {
	n.running--
	n.stats.Closed++
	n.finish(t, result)
}

// finish closes t, wherever it ran, and tells whoever waits for it.
func (n *Node) finish(t *Task, result []byte) {
	if len(result) > MaxBody {
		panic("circle: the result of a task is longer than MaxBody")
	}
	t.state = closed
	switch {
	case t.borrowed():
		n.giveBack(t, result)
	case t.parent != nil:
		n.childClosed(t.parent, result)
	case n.phase == working:
		n.result = result
		n.end(false, nil)
	}
}

func (n *Node) childClosed(p *Task, result []byte) {
	if len(result) > 0 {
		p.results = append(p.results, result)
		if len(p.results) == n.cfg.MaxResults && n.cfg.Combine != nil {
			p.results = append(p.results[:0], n.cfg.Combine(p.results))
		}
	}
	p.open--
	if p.open == 0 && p.state == waiting {
		p.state = closing
		n.stats.Waiting--
		n.closable = append(n.closable, p)
	}
}

// Step takes the message body from a rank. An error says that the message is
// not one that this version sends; the job cannot be trusted to go on then.
func (n *Node) Step(from int, body []byte) error {
	m, err := decode(body)
	if err != nil {
		return err
	}
	return n.step(from, m)
}

// fail ends the job for this rank alone.
func (n *Node) fail(err error) {
	if n.phase != over {
		n.err = err
		n.quit(over)
	}
}

// quit gives up what this rank has in hand: nothing is run any more, nothing
// is given back, and what has run is handed out once more, to be closed.
func (n *Node) quit(to phase) {
	n.phase = to
	for t := n.queue.popOldest(); t != nil; t = n.queue.popOldest() {
		n.stats.Discarded++
		n.finish(t, nil)
	}
	for _, id := range n.loans.ids(func(*Task) bool { return true }) {
		t := n.loans.lent[id]
		delete(n.loans.lent, id)
		n.finish(t, nil)
	}
}

func (n *Node) step(from int, m message) error {
	if n.group.isLost(from) {
		return nil // what it had in hand is not believed any more
	}
	if err := n.group.allowed(from, m); err != nil {
		return err
	}
	n.dispatch(from, m)
	return nil
}

func (n *Node) dispatch(from int, m message) {
	switch m.kind {
	case kindAsk:
		n.onAsk(m.body)
	case kindHello:
		n.onHello(from, m.body)
	case kindSteal:
		n.onSteal(from, m.flag)
	case kindDeal:
		n.onDeal(from, m.flag, m.tasks)
	case kindClose:
		n.onClose(from, m.id, m.body)
	case kindRevoke:
		n.onRevoke(from, m.id)
	case kindSuspect:
		n.onSuspect(int(m.id))
	case kindLost:
		n.onLost(int(m.id))
	case kindFenced:
		n.onFenced(from, int(m.id))
	case kindRequeue:
		n.onRequeue(int(m.id))
	case kindCancel:
		n.end(true, m.body)
	case kindDone:
		n.end(m.flag, m.body)
	case kindBye:
		n.onBye(from, m.body)
	}
}

// send queues a message. To itself, a rank just takes it.
func (n *Node) send(to int, m message) {
	if to == n.cfg.Rank {
		n.dispatch(to, m)
		return
	}
	n.stats.Sent++
	n.outbox = append(n.outbox, Envelope{To: to, Body: m.encode()})
}

// Tick tells that some milliseconds have passed. It is wanted only while
// Ticking.
func (n *Node) Tick() {
	n.feed()
	n.giver.tick(n.queue.oldest())
}

// Ticking tells that Tick is wanted: some rank waits on this one, which has a
// task that it would rather run by itself.
func (n *Node) Ticking() bool {
	return n.phase == working && n.queue.len > 0 && len(n.giver.waiters) > 0
}
