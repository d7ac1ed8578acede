package circletest

import (
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gdcp/circle"
)

// Cluster is the ranks of one job, all in this process, on the transports that
// are tested.
type Cluster struct {
	// Transports has every rank's, by rank.
	Transports []circle.Transport
	// Kill ends a rank as the end of its process would, without a goodbye. It
	// may be called at any time, by any goroutine. Close of a killed rank's
	// transport is called later and does no harm.
	Kill func(rank int)
}

// patience is how long a test waits for what must come. It is beyond what any
// transport takes to notice a loss, on a machine that is busy with other things.
const patience = 30 * time.Second

// Transports checks that a transport does what circle.Transport promises.
// start makes a new job of size ranks; the suite closes their transports, and
// checks that they leave no goroutine behind.
func Transports(t *testing.T, start func(t *testing.T, size int) Cluster) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *bench)
		size []int
	}{
		{"ranks", testRanks, []int{1, 2, 5}},
		{"order and integrity", testOrder, []int{2, 5}},
		{"many senders", testManySenders, []int{2}},
		{"burst before anybody receives", testBurst, []int{2, 12}},
		{"long messages both ways", testLong, []int{2, 3}},
		{"first use by both at once", testFirstUse, []int{2, 2, 2, 2, 2, 2, 2, 2, 12, 12}},
		{"backlog", testBacklog, []int{2}},
		{"misuse panics", testMisuse, []int{2}},
		{"close after use", testClose, []int{2, 5}},
		{"close without use", testCloseUnused, []int{1, 5}},
		{"close delivers what is queued", testCloseFlushes, []int{2, 5}},
		{"close does not wait for a deaf peer", testCloseDeaf, []int{2}},
		{"close by all at once", testCloseAll, []int{12}},
		{"close in the middle of a burst", testCloseBurst, []int{5}},
		{"loss after the last message", testLoss, []int{2, 2, 2, 5}},
		{"loss in a storm", testLossStorm, []int{3, 12}},
		{"loss of a rank never met", testLossUnmet, []int{2, 5}},
		{"loss of all at once", testLossAll, []int{5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, size := range c.size {
				b := newBench(t, start(t, size), uint64(i))
				c.run(t, b)
				b.tearDown()
			}
		})
	}
}

// bench is one test's cluster.
type bench struct {
	Cluster
	t    *testing.T
	rng  *rand.Rand
	seed uint64
}

func newBench(t *testing.T, c Cluster, seed uint64) *bench {
	b := &bench{Cluster: c, t: t, rng: rand.New(rand.NewPCG(seed, 1)), seed: seed}
	t.Cleanup(b.closeAll) // where the test fails
	return b
}

func (b *bench) size() int { return len(b.Transports) }

// each runs f for every rank at once, and waits.
func (b *bench) each(f func(rank int, tr circle.Transport)) {
	var group sync.WaitGroup
	for r, tr := range b.Transports {
		group.Go(func() { f(r, tr) })
	}
	group.Wait()
}

func (b *bench) closeAll() {
	b.each(func(_ int, tr circle.Transport) { _ = tr.Close() })
}

func (b *bench) tearDown() {
	b.closeAll()
	b.checkLeaks()
}

// next returns a rank's next packet. It may be called by any goroutine; after
// its failure ok is false.
func (b *bench) next(rank int) (pk circle.Packet, ok bool) {
	b.t.Helper()
	select {
	case pk, ok = <-b.Transports[rank].Packets():
		if !ok {
			b.t.Errorf("rank %d: Packets was closed; wanted a packet", rank)
		}
		return pk, ok
	case <-time.After(patience):
		b.t.Errorf("rank %d: no packet within %v", rank, patience)
		return pk, false
	}
}

// message returns a rank's next packet, which must not be a loss.
func (b *bench) message(rank int) (pk circle.Packet, ok bool) {
	b.t.Helper()
	pk, ok = b.next(rank)
	if ok && pk.Lost != nil {
		b.t.Errorf("rank %d: rank %d is reported lost: %v", rank, pk.From, pk.Lost)
		return pk, false
	}
	return pk, ok
}

// rest returns what is left in a closed transport's Packets, and checks that
// it is closed.
func (b *bench) rest(rank int) []circle.Packet {
	b.t.Helper()
	var list []circle.Packet
	late := time.After(patience)
	for {
		select {
		case pk, ok := <-b.Transports[rank].Packets():
			if !ok {
				return list
			}
			list = append(list, pk)
		case <-late:
			b.t.Errorf("rank %d: Packets is not closed after Close", rank)
			return list
		}
	}
}

// eventually waits for a condition.
func (b *bench) eventually(what string, condition func() bool) {
	b.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !condition(); <-tick.C {
		if time.Now().After(end) {
			b.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// checkLeaks fails if a goroutine is left with a method of the transport's
// package on its stack.
func (b *bench) checkLeaks() {
	b.t.Helper()
	pkg := reflect.TypeOf(b.Transports[0]).Elem().PkgPath() + ".(*"
	var left []string
	b.eventually("all goroutines of the transports end", func() bool {
		left = goroutines(pkg)
		return len(left) == 0
	})
	if len(left) > 0 {
		b.t.Errorf("%d goroutines left behind:\n%s", len(left), strings.Join(left, "\n\n"))
	}
}

// goroutines returns the stacks of those in which a function's name begins
// with prefix.
func goroutines(prefix string) []string {
	buf := make([]byte, 1<<16)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	var list []string
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		if strings.Contains(stack, "\n"+prefix) {
			list = append(list, stack)
		}
	}
	return list
}
