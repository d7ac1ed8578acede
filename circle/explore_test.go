package circle

import (
	"flag"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var exploreBig = flag.Bool("explore.big", false, "explore the jobs with many states too (minutes)")

// The trees of the explored jobs: what each task spawns, in order.
var (
	chain2    = map[string][]string{"root": {"a"}}
	chainTree = map[string][]string{"root": {"a"}, "a": {"b"}}
	pair      = map[string][]string{"root": {"a", "b"}}
	leaves    = map[string][]string{"root": {"a", "b", "c"}}
	twoByTwo  = map[string][]string{"root": {"a", "b"}, "a": {"c", "d"}, "b": {"e", "f"}}
)

// TestExplore goes through every order in which a small job can happen:
// messages arrive, workers act, ticks come, ranks die and are missed. In every
// state no task may be at two living ranks at once; from every state the end
// must be within reach; every end must be the right one.
func TestExplore(t *testing.T) {
	for _, job := range []exploration{
		{name: "chain of 3, 2 ranks", size: 2, tree: chainTree, budget: budget{ticks: 4}},
		{name: "3 leaves, 2 ranks", size: 2, tree: leaves, budget: budget{ticks: 4}},
		{name: "2 x 2, 2 ranks", size: 2, tree: twoByTwo, budget: budget{ticks: 3}},
		{name: "2 leaves, 2 ranks, 2 workers", size: 2, tree: pair, workers: 2, budget: budget{ticks: 2}},
		{name: "chain of 3, 2 ranks, a death", size: 2, tree: chainTree, budget: budget{ticks: 4, deaths: 1}},
		{name: "3 leaves, 2 ranks, a death", size: 2, tree: leaves, budget: budget{ticks: 3, deaths: 1}},
		{name: "2 x 2, 2 ranks, a death", size: 2, tree: twoByTwo, budget: budget{ticks: 2, deaths: 1}},
		{name: "chain of 3, 2 ranks, a cancel", size: 2, tree: chainTree, budget: budget{ticks: 3, cancels: 1}},
		{name: "2 x 2, 2 ranks, a cancel", size: 2, tree: twoByTwo, budget: budget{ticks: 2, cancels: 1}, slow: true},
		{name: "chain of 3, 3 ranks", size: 3, tree: chainTree, budget: budget{rests: 2}, noVictims: true},
		{name: "2 leaves, 3 ranks", size: 3, tree: pair, slow: true},
		{name: "2 leaves, 3 ranks, a death", size: 3, tree: pair, budget: budget{deaths: 1}, noGossip: true, slow: true},
		{name: "chain of 2, 3 ranks, a death", size: 3, tree: chain2, budget: budget{rests: 2, deaths: 1}, noVictims: true},
		{name: "chain of 2, 3 ranks, 2 deaths, 2 workers", size: 3, tree: chain2, workers: 2, budget: budget{rests: 3, deaths: 2}, noVictims: true, noGossip: true, slow: true},
		{name: "chain of 3, 3 ranks, a death", size: 3, tree: chainTree, budget: budget{rests: 2, deaths: 1}, noVictims: true, noGossip: true, slow: true},
		{name: "chain of 3, 3 ranks, 2 deaths", size: 3, tree: chainTree, budget: budget{rests: 3, deaths: 2}, noVictims: true, noGossip: true, big: true},
		{name: "chain of 3, 3 ranks, victims", size: 3, tree: chainTree, budget: budget{ticks: 2}, big: true},
		{name: "chain of 2, 3 ranks, 2 deaths, victims", size: 3, tree: chain2, budget: budget{ticks: 2, deaths: 2}, big: true},
		{name: "2 leaves, 3 ranks, 2 deaths", size: 3, tree: pair, budget: budget{deaths: 2}, big: true},
		{name: "3 leaves, 3 ranks", size: 3, tree: leaves, big: true},
	} {
		t.Run(job.name, func(t *testing.T) {
			if job.big && !*exploreBig || job.slow && (raceEnabled || testing.Short()) {
				t.Skip("many states: run with -explore.big, or without -race and -short")
			}
			if err := job.run(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d states, %d steps, %d ends", len(job.known), len(job.steps), len(job.ends))
		})
	}
}

// exploration is the search through all states of a job.
type exploration struct {
	name          string
	size, workers int
	tree          map[string][]string
	budget        budget
	noVictims     bool // thieves wait on their lifelines at once: fewer states
	noGossip      bool // only rank 0 hears of deaths, and of ranks that leave
	slow, big     bool // not with -race or -short; only when asked for

	seed  maphash.Seed
	known map[uint64]int32 // states by fingerprint
	from  []step           // how each was reached first
	steps []step           // all ways
	todo  []*state
	ends  []int32
	buf   []byte
}

// step is a way from a state to another.
type step struct {
	from, to int32
	what     func() string
}

// state is a world, and what has yet to happen in it.
type state struct {
	*world
	number int32
	left   budget
	news   []wire // of these (from died, to has to hear of it); to is told at some time
	gossip []wire // the same, for those who need not hear of it
}

// budget is how often things may happen that could happen at any time.
type budget struct {
	deaths  int // of ranks other than 0
	cancels int // by any rank
	// ticks are few, for were there any number, two ranks whose idle workers do
	// not come for a lone task could lend it to each other for ever. rests are
	// two ticks at once, after which it is lent.
	ticks, rests int
}

// action is something that can happen next.
type action struct {
	what     func() string
	rank     int  // who acts
	optional bool // need not ever happen
	do       func(*state) error
}

func (x *exploration) run() error {
	x.seed = maphash.MakeSeed()
	x.known = make(map[uint64]int32)
	s := &state{world: newWorld(x.size, Config{Tries: 1}), left: x.budget}
	for _, r := range s.ranks {
		if x.noVictims {
			r.node.cfg.Tries = 0
		}
	}
	s.greet()
	x.add(s, step{from: -1, what: says("start")})
	for len(x.todo) > 0 {
		s := x.todo[len(x.todo)-1]
		x.todo = x.todo[:len(x.todo)-1]
		if err := x.expand(s); err != nil {
			return fmt.Errorf("%w\n%s", err, x.trace(s.number))
		}
	}
	return x.allEnd()
}

// add makes a state known, and returns its number.
func (x *exploration) add(s *state, how step) int32 {
	p := s.imprint(x.buf[:0])
	p.num(s.left.deaths, s.left.cancels, s.left.ticks, s.left.rests)
	p.wires(s.news)
	p.wires(s.gossip)
	x.buf = p.b
	key := maphash.Bytes(x.seed, x.buf)
	number, ok := x.known[key]
	if !ok {
		number = int32(len(x.known))
		x.known[key], s.number = number, number
		how.to = number
		x.from = append(x.from, how)
		x.todo = append(x.todo, s)
	}
	return number
}

// expand takes all steps out of a state.
func (x *exploration) expand(s *state) error {
	if err := s.check(); err != nil {
		return err
	}
	stuck := true
	for _, a := range x.actions(s) {
		for _, seed := range x.choices(a) {
			next, drew, err := x.take(s, a, seed)
			if err != nil {
				return fmt.Errorf("%s: %w", a.what(), err)
			}
			to := x.add(next, step{from: s.number, what: a.what})
			if to != s.number {
				x.steps = append(x.steps, step{from: s.number, to: to})
				stuck = stuck && a.optional
			}
			if !drew {
				break
			}
		}
	}
	if !stuck {
		return nil
	}
	x.ends = append(x.ends, s.number)
	return x.checkEnd(s)
}

// take does an action on a copy of a state, and tells whether it drew a victim.
func (x *exploration) take(s *state, a action, seed victims) (next *state, drew bool, err error) {
	next = &state{world: s.clone(a.rank), left: s.left, news: slices.Clone(s.news), gossip: slices.Clone(s.gossip)}
	n := next.ranks[a.rank].node
	wasOver := n.phase == over
	n.thief.victims = seed
	err = a.do(next)
	if !wasOver && n.phase == over && a.rank != 0 { // it leaves in good order, and that is seen
		for r := range next.ranks {
			next.gossip = append(next.gossip, wire{a.rank, r})
		}
	}
	next.gossip = slices.DeleteFunc(next.gossip, func(l wire) bool {
		return x.noGossip && l.to != 0 || next.ranks[l.to].node.phase == over
	})
	return next, n.thief.victims != seed, err
}

// choices are states of the random numbers that lead to each victim.
func (x *exploration) choices(a action) []victims {
	var out []victims
	for want := range x.size {
		if want == a.rank {
			continue
		}
		v := victims(1)
		for {
			try := v
			if try.next(a.rank, x.size) == want {
				break
			}
			v += 1 << 40
		}
		out = append(out, v)
	}
	return out
}

func (x *exploration) actions(s *state) (out []action) {
	for _, link := range s.wires() {
		if s.ranks[link.to].node.phase == over {
			continue // it hears nothing any more
		}
		out = append(out, action{
			what: func() string { return fmt.Sprintf("%d->%d %s", link.from, link.to, show(s.net[link][0])) },
			rank: link.to, do: func(s *state) error { return s.arrive(link) },
		})
	}
	for r, rank := range s.ranks {
		if rank.dead {
			continue
		}
		out = append(out, x.work(r, rank, s.left)...)
		if r > 0 && s.left.deaths > 0 && rank.node.phase != over {
			out = append(out, action{what: says("kill %d", r), rank: r, optional: true, do: func(s *state) error { return s.die(r) }})
		}
	}
	for i, link := range s.news {
		out = append(out, s.hears(link, false, func(s *state) { s.news = slices.Delete(s.news, i, i+1) })...)
	}
	for i, link := range s.gossip {
		out = append(out, s.hears(link, true, func(s *state) { s.gossip = slices.Delete(s.gossip, i, i+1) })...)
	}
	return out
}

// work lists what the workers and the clock of a rank can do.
func (x *exploration) work(r int, rank *worldRank, left budget) (out []action) {
	add := func(what string, do func(*state)) {
		out = append(out, action{what: says("rank %d: %s", r, what), rank: r, do: func(s *state) error {
			do(s)
			s.collect(r)
			return nil
		}})
	}
	if len(rank.hands) < max(x.workers, 1) {
		add("next", func(s *state) { s.take(r) })
	}
	for i, h := range rank.hands {
		name := string(h.t.Body)
		children := x.tree[name]
		task := func(s *state) *Task { return s.ranks[r].hands[i].t }
		switch {
		case h.closing:
			add("close "+name, nil)
			out[len(out)-1].do = func(s *state) error { return x.close(s, r, task(s)) }
		case h.spawned < len(children) && rank.node.phase == working:
			add(name+" spawns "+children[h.spawned], func(s *state) {
				s.ranks[r].hands[i].spawned++
				s.spawn(r, task(s), children[h.spawned])
			})
		default:
			add("ran "+name, func(s *state) { s.ran(r, task(s)) })
		}
	}
	if rank.node.Ticking() && left.ticks > 0 {
		add("tick", func(s *state) {
			s.left.ticks--
			s.ranks[r].node.Tick()
		})
	}
	if rank.node.Ticking() && left.rests > 0 {
		add("rest", func(s *state) {
			s.left.rests--
			s.ranks[r].node.Tick()
			s.ranks[r].node.Tick()
		})
	}
	if left.cancels > 0 && rank.node.phase <= working {
		add("cancel", func(s *state) {
			s.left.cancels--
			s.ranks[r].node.Cancel("enough")
		})
		out[len(out)-1].optional = true
	}
	if rank.node.Ending() {
		add("bye", func(s *state) { s.ranks[r].node.Bye(nil) })
	}
	return out
}

// close is Close: what is not dropped must be whole.
func (x *exploration) close(s *state, r int, t *Task) error {
	dropped := t.Dropped()
	got, want := s.close(r, t), x.result(string(t.Body))
	if !dropped && got != want {
		return fmt.Errorf("%s is closed as %s, want %s", t.Body, got, want)
	}
	return nil
}

// hears has a rank notice that another is gone, after its last message.
func (s *state) hears(link wire, optional bool, forget func(*state)) []action {
	if s.ranks[link.to].dead || len(s.net[link]) > 0 {
		return nil
	}
	return []action{{what: says("lost %d: %d", link.to, link.from), rank: link.to, optional: optional, do: func(s *state) error {
		forget(s)
		s.ranks[link.to].node.Lost(link.from, errGone)
		s.collect(link.to)
		return nil
	}}}
}

func (s *state) arrive(link wire) error {
	s.deliver(link)
	return nil
}

func (s *state) die(r int) error {
	s.kill(r)
	s.left.deaths--
	for o, rank := range s.ranks {
		switch {
		case rank.dead:
		case o == 0:
			s.news = append(s.news, wire{r, o})
		default:
			s.gossip = append(s.gossip, wire{r, o})
		}
	}
	return nil
}

// check looks for a task at two living ranks at once.
func (s *state) check() error {
	at := make(map[string]int)
	for r, rank := range s.ranks {
		if rank.dead {
			continue
		}
		tasks := rank.waiting
		for _, h := range rank.hands {
			tasks = append(slices.Clip(tasks), h.t)
		}
		for _, t := range tasks {
			if other, ok := at[string(t.Body)]; ok {
				return fmt.Errorf("%s is at rank %d and at rank %d", t.Body, other, r)
			}
			at[string(t.Body)] = r
		}
	}
	return nil
}

// checkEnd looks at a state in which nothing more can happen.
func (x *exploration) checkEnd(s *state) error {
	for r, rank := range s.ranks {
		if rank.dead {
			continue
		}
		if over, err := rank.node.Over(); !over || err != nil {
			return fmt.Errorf("the end, but rank %d is %s", r, strings.Join(rank.status(), ", "))
		}
		if len(rank.waiting)+len(rank.hands) > 0 {
			return fmt.Errorf("the end, but rank %d holds %s", r, names(rank.waiting))
		}
	}
	n := s.ranks[0].node
	if _, cancelled := n.Cancelled(); cancelled && s.left.cancels < x.budget.cancels {
		return nil
	}
	if got, want := string(n.Result()), x.result("root"); got != want {
		return fmt.Errorf("the result is %q, want %q", got, want)
	}
	return nil
}

func (x *exploration) result(name string) string {
	var results [][]byte
	for _, c := range x.tree[name] {
		results = append(results, []byte(x.result(c)))
	}
	return resultOf(&Task{Body: []byte(name), results: results})
}

// allEnd checks that an end can be reached from every state: that nothing goes
// round in circles.
func (x *exploration) allEnd() error {
	back := make([][]int32, len(x.known))
	for _, s := range x.steps {
		back[s.to] = append(back[s.to], s.from)
	}
	ends := make([]bool, len(x.known))
	var todo []int32
	for _, i := range x.ends {
		ends[i] = true
		todo = append(todo, i)
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, j := range back[i] {
			if !ends[j] {
				ends[j] = true
				todo = append(todo, j)
			}
		}
	}
	if i := slices.Index(ends, false); i >= 0 {
		return fmt.Errorf("there is no way to the end from here:\n%s", x.trace(int32(i)))
	}
	return nil
}

// says puts off the making of a text that will most likely not be read.
func says(format string, args ...any) func() string {
	return func() string { return fmt.Sprintf(format, args...) }
}

// trace is the way to a state, a line for each step.
func (x *exploration) trace(number int32) string {
	var lines []string
	for ; number >= 0; number = x.from[number].from {
		lines = append(lines, x.from[number].what())
	}
	slices.Reverse(lines)
	return strings.Join(lines, "\n")
}

// TestClone holds clone to the fields that there are.
func TestClone(t *testing.T) {
	for _, known := range []struct {
		what   any
		fields int
	}{
		{Node{}, 16}, {queue{}, 4}, {thief{}, 6}, {giver{}, 2}, {loans{}, 3},
		{group{}, 7}, {roll{}, 3}, {loss{}, 3}, {(*Task)(nil), 13},
	} {
		typ := reflect.TypeOf(known.what)
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.NumField() != known.fields {
			t.Errorf("%v has %d fields, of which cloner knows %d: teach it, and imprint, the others", typ, typ.NumField(), known.fields)
		}
	}
}
