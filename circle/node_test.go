package circle

import (
	"slices"
	"strings"
	"testing"
)

// TestDoneGetsPastTheLost checks that those whom a lost rank should have told of
// the end are told by rank 0, at every level of the tree. The ranks between, who
// are told of the end by others than rank 0, may not know of the loss yet.
func TestDoneGetsPastTheLost(t *testing.T) {
	const size, lost = 300_000, 65 * 64 // a child of rank 64, and grandchild of rank 0
	n := New(Config{Size: size})
	for r := range size {
		n.onHello(r, nil)
	}
	n.Start(nil)
	n.Lost(lost, errGone)
	n.Outbox()
	root, _ := n.Next()
	n.Ran(root)
	n.Closed(root, nil)
	told := make(map[int]bool)
	for _, e := range n.Outbox() {
		told[e.To] = true
	}
	for r := lost*fanOut + 1; r <= (lost+1)*fanOut && r < size; r++ {
		if !told[r] {
			t.Fatalf("rank %d, which lost rank %d should have told, was not told by rank 0", r, lost)
		}
	}
	if len(told) != 2*fanOut {
		t.Errorf("rank 0 told %d ranks, want its own %d and those of the lost one", len(told), fanOut)
	}
}

// TestPanics has the caller do what is a bug of it.
func TestPanics(t *testing.T) {
	long := make([]byte, MaxBody+1)
	for name, do := range map[string]func(n *Node, root *Task){
		"spawns too long a body":    func(n *Node, root *Task) { n.Spawn(root, long) },
		"returns too long a result": func(n *Node, root *Task) { n.Ran(root); n.Closed(root, long) },
		"starts twice":              func(n *Node, _ *Task) { n.Start(nil) },
	} {
		n := New(Config{Size: 1})
		n.Hello(nil)
		n.Start(nil)
		root, _ := n.Next()
		func() {
			defer func() {
				if why, _ := recover().(string); !strings.HasPrefix(why, "circle: ") {
					t.Errorf("%s: no panic of this package, but %q", name, why)
				}
			}()
			do(n, root)
		}()
	}
}

// TestConfig checks the defaults, and that a bound that makes no sense is told
// apart.
func TestConfig(t *testing.T) {
	if err := (Config{Size: 1}).withDefaults().validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for name, c := range map[string]Config{
		"no ranks":           {},
		"too many ranks":     {Size: maxRanks + 1},
		"a rank beyond":      {Rank: 2, Size: 2},
		"a rank below":       {Rank: -1, Size: 2},
		"a bound below":      {Size: 1, MaxQueue: -1},
		"one result":         {Size: 1, MaxResults: 1},
		"too many in a deal": {Size: 1, MaxDealTasks: maxWireTasks + 1},
		"too large a deal":   {Size: 1, MaxDealBytes: MaxMessage},
		"too large a root":   {Size: 1, Root: make([]byte, MaxBody+1)},
	} {
		if err := c.withDefaults().validate(); err == nil {
			t.Errorf("%s: %+v is taken", name, c)
		}
	}
}

// TestDealsAreNotDoubled has a lender, by a bug, give one number to two tasks, a
// rank 0 that lets tasks be queued again whose borrower lives, and a rank that
// closes a task that it does not have.
func TestDealsAreNotDoubled(t *testing.T) {
	n := New(Config{Rank: 1, Size: 3})
	n.Hello(nil)
	twice := []wireTask{{1, []byte("a")}, {1, []byte("b")}, {2, []byte("c")}, {3, []byte("d")}}
	n.onDeal(0, true, twice)
	if got := names(n.queue.tasks()); got != "a c d" {
		t.Errorf("queue %s, want a c d", got)
	}
	n.onSteal(2, false)
	n.onRequeue(2)
	n.onClose(0, 1, nil)
	if got := names(n.queue.tasks()); got != "c d" || n.loans.lentNames() != "a#1->2" {
		t.Errorf("queue %s, lent %s: want c d, and rank 2 to have a", got, n.loans.lentNames())
	}
}

// TestNodeRepeats checks that a Node does the same whenever it is fed the same:
// the simulator's seeds rest on it.
func TestNodeRepeats(t *testing.T) {
	text := func() (out []string) {
		w := newWorld(6, Config{Seed: 3})
		w.greet()
		for round := range 400 {
			r := round % 6
			if w.ranks[r].dead {
				continue
			}
			if h, ok := w.take(r); ok && h.closing {
				w.close(r, h.t)
			} else if ok {
				for i := range 3 * (round % 2) {
					w.spawn(r, h.t, strings.Repeat("x", i+1))
				}
				if w.ran(r, h.t) {
					w.close(r, h.t)
				}
			}
			if round == 200 {
				w.kill(3)
				w.ranks[0].node.Lost(3, errGone)
				w.collect(0)
			}
			for _, link := range w.wires() {
				out = append(out, show(w.net[link][0]))
				w.deliver(link)
			}
		}
		return out
	}
	if a, b := text(), text(); !slices.Equal(a, b) {
		t.Error("the same calls led to different messages")
	}
}
