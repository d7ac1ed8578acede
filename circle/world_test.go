package circle

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// world is a whole job in one goroutine, in which a test decides what happens
// next: which message arrives, which worker does something, who dies. The body
// of a task is its name. A task's result is its name with, in brackets, those
// of its children.
type world struct {
	ranks []*worldRank
	net   map[wire][][]byte // what is on its way, oldest first
}

// wire is the way from one rank to another.
type wire struct{ from, to int }

type worldRank struct {
	node    *Node
	dead    bool
	hands   []hand  // what workers are at
	waiting []*Task // have run, have open children
}

// hand is a task in the hands of a worker.
type hand struct {
	t       *Task
	closing bool // Close is being called, not Run
	spawned int  // children so far, where the explorer is the handler
}

var errGone = errors.New("connection reset by peer")

func newWorld(size int, cfg Config) *world {
	w := &world{net: make(map[wire][][]byte)}
	for r := range size {
		cfg.Rank, cfg.Size = r, size
		w.ranks = append(w.ranks, &worldRank{node: New(cfg)})
	}
	return w
}

// greet has every rank say hello, and starts the task root on rank 0.
func (w *world) greet() {
	for r := range w.ranks {
		w.ranks[r].node.Hello(nil)
		w.collect(r)
	}
	for link := range w.net {
		w.deliver(link)
	}
	w.ranks[0].node.Start([]byte("root"))
	w.collect(0)
}

// collect puts on their way what a rank has to send.
func (w *world) collect(r int) {
	for _, e := range w.ranks[r].node.Outbox() {
		if link := (wire{r, e.To}); !w.ranks[e.To].dead {
			w.net[link] = append(w.net[link], e.Body)
		}
	}
}

// deliver has the oldest message of a wire arrive.
func (w *world) deliver(link wire) {
	body := w.net[link][0]
	if w.net[link] = w.net[link][1:]; len(w.net[link]) == 0 {
		delete(w.net, link)
	}
	n := w.ranks[link.to].node
	if err := n.Step(link.from, body); err != nil {
		panic(fmt.Sprintf("rank %d: message of rank %d: %v", link.to, link.from, err))
	}
	w.collect(link.to)
}

// kill ends a rank. What it has sent still arrives.
func (w *world) kill(r int) {
	w.ranks[r].dead = true
	for link := range w.net {
		if link.to == r {
			delete(w.net, link)
		}
	}
}

// take has a worker of rank r look for something to do.
func (w *world) take(r int) (hand, bool) {
	t, isClose := w.ranks[r].node.Next()
	w.collect(r)
	if t == nil {
		return hand{}, false
	}
	rank := w.ranks[r]
	rank.waiting = slices.DeleteFunc(rank.waiting, func(o *Task) bool { return o == t })
	rank.hands = append(rank.hands, hand{t: t, closing: isClose})
	return hand{t: t, closing: isClose}, true
}

func (w *world) spawn(r int, parent *Task, name string) {
	w.ranks[r].node.Spawn(parent, []byte(name))
	w.collect(r)
}

// ran ends a task's run; true says that its Close is next.
func (w *world) ran(r int, t *Task) bool {
	rank := w.ranks[r]
	i := rank.holds(t)
	isClose := rank.node.Ran(t)
	w.collect(r)
	if isClose {
		rank.hands[i].closing = true
		return true
	}
	rank.hands = slices.Delete(rank.hands, i, i+1)
	rank.waiting = append(rank.waiting, t)
	return false
}

// close ends a task's Close, and returns its result.
func (w *world) close(r int, t *Task) string {
	rank := w.ranks[r]
	i := rank.holds(t)
	rank.hands = slices.Delete(rank.hands, i, i+1)
	result := resultOf(t)
	rank.node.Closed(t, []byte(result))
	w.collect(r)
	return result
}

func (r *worldRank) holds(t *Task) int {
	return slices.IndexFunc(r.hands, func(h hand) bool { return h.t == t })
}

func resultOf(t *Task) string {
	if len(t.results) == 0 {
		return string(t.Body)
	}
	results := slices.Clone(t.results)
	slices.SortFunc(results, bytes.Compare)
	return fmt.Sprintf("%s(%s)", t.Body, bytes.Join(results, []byte(" ")))
}

// foldResults is the Combiner of worlds.
func foldResults(results [][]byte) []byte {
	results = slices.Clone(results)
	slices.SortFunc(results, bytes.Compare)
	return bytes.Join(results, []byte("+"))
}

var phaseNames = map[phase]string{
	starting: "starting", working: "working", stopping: "stopping", ending: "ending", over: "over",
}

// String is a message as transcripts show it.
func (m message) String() string {
	switch m.kind {
	case kindDeal:
		var names []string
		for _, t := range m.tasks {
			names = append(names, fmt.Sprintf("%s#%d", t.body, t.id))
		}
		text := "deal"
		if !m.flag {
			text = "deal at last"
		}
		if len(names) == 0 {
			return text + " nothing"
		}
		return text + " " + strings.Join(names, " ")
	case kindSteal:
		if m.flag {
			return "steal, and wait"
		}
		return "steal"
	case kindClose:
		return fmt.Sprintf("close #%d %s", m.id, m.body)
	case kindDone:
		if m.flag {
			return fmt.Sprintf("done, cancelled: %s", m.body)
		}
		return "done"
	case kindRevoke:
		return fmt.Sprintf("revoke #%d", m.id)
	case kindSuspect, kindLost, kindFenced, kindRequeue:
		return fmt.Sprintf("%s %d", kindNames[m.kind], m.id)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", kindNames[m.kind], m.body))
}

var kindNames = map[kind]string{
	kindJoin: "join", kindAsk: "ask", kindHello: "hello", kindSuspect: "suspect", kindLost: "lost",
	kindFenced: "fenced off", kindRequeue: "requeue", kindCancel: "cancel", kindBye: "bye",
	kindCounters: "counters", kindReport: "report",
}

func show(body []byte) string {
	m, err := decode(body)
	if err != nil {
		return err.Error()
	}
	return m.String()
}

func names(tasks []*Task) string {
	var out []string
	for _, t := range tasks {
		out = append(out, string(t.Body))
	}
	return strings.Join(out, " ")
}
