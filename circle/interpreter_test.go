package circle

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// interpreter carries out the commands of transcripts:
//
//	new 3 [tries=N] [deal=N] [bytes=N] [results=N] [raw]
//	              a job of three ranks with its task root queued at rank 0;
//	              raw: before anybody has said hello
//	hello 1       rank 1 says hello            start     rank 0 queues root
//	take 1        a worker of rank 1 takes what there is, or looks for work
//	spawn 1 a: b c   a, which runs at rank 1, spawns b and c
//	ran 1 a       a's run is over (and it is closed, if nothing is open)
//	run 1 [: b c] take, spawn, ran in one
//	steal 2<-0    rank 2 asks rank 0 for work; "wait 2<-0" has it wait there
//	deliver       all messages, and those they lead to; or those that are on
//	              one way (deliver 1<-0), or the first so many (deliver 1<-0 2)
//	drop 1<-0     what is on that way is gone
//	outbox        what is on its way
//	tick 0        some milliseconds pass at rank 0
//	kill 2        rank 2 is no more            lost 0: 2   rank 0 notices it
//	cancel 1: why, bye 1
//	status [1]    what a rank holds, or all do
type interpreter struct {
	w   *world
	out strings.Builder
}

func (in *interpreter) do(line string) string {
	in.out.Reset()
	name, rest, _ := strings.Cut(line, " ")
	head, tail, _ := strings.Cut(rest, ":")
	args, tail := strings.Fields(head), strings.TrimSpace(tail)
	switch name {
	case "new":
		in.newJob(args)
	case "deliver":
		in.deliver(args)
	case "outbox":
		in.outbox()
	case "status":
		in.status(args)
	case "steal", "wait", "drop":
		in.onWire(name, wireOf(args[0]))
	case "start":
		in.w.ranks[0].node.Start([]byte("root"))
		in.w.collect(0)
	default:
		in.onRank(name, number(args[0]), args[1:], tail)
	}
	return in.out.String()
}

func (in *interpreter) printf(format string, args ...any) { fmt.Fprintf(&in.out, format+"\n", args...) }

func (in *interpreter) newJob(args []string) {
	cfg, raw := Config{}, false
	for _, a := range args[1:] {
		key, value, _ := strings.Cut(a, "=")
		switch key {
		case "tries":
			cfg.Tries = number(value)
		case "deal":
			cfg.MaxDealTasks = number(value)
		case "bytes":
			cfg.MaxDealBytes = number(value)
		case "results":
			cfg.MaxResults, cfg.Combine = number(value), foldResults
		case "raw":
			raw = true
		default:
			panic("new: what is " + a + "?")
		}
	}
	in.w = newWorld(number(args[0]), cfg)
	if !raw {
		in.w.greet()
	}
}

// onRank does what concerns one living rank.
func (in *interpreter) onRank(name string, r int, args []string, tail string) {
	n := in.w.ranks[r].node
	switch name {
	case "hello":
		n.Hello(nil)
	case "take":
		in.take(r)
	case "run":
		in.run(r, tail)
	case "spawn":
		in.spawn(r, in.task(r, args[0]), tail)
	case "ran":
		in.ran(r, in.task(r, args[0]))
	case "tick":
		n.Tick()
	case "kill":
		in.w.kill(r)
	case "lost":
		n.Lost(number(tail), errGone)
	case "cancel":
		n.Cancel(tail)
	case "bye":
		n.Bye(nil)
	default:
		panic("what is " + name + "?")
	}
	in.w.collect(r)
}

func (in *interpreter) onWire(name string, link wire) {
	thief := in.w.ranks[link.to].node
	switch name {
	case "drop":
		delete(in.w.net, link)
	case "steal":
		thief.thief.asked = link.from
		thief.steal(link.from, false)
	case "wait":
		thief.thief.asleep = true
		thief.thief.waits = append(thief.thief.waits, link.from)
		thief.steal(link.from, true)
	}
	in.w.collect(link.to)
}

func (in *interpreter) take(r int) *Task {
	h, ok := in.w.take(r)
	switch {
	case !ok:
		in.printf("rank %d finds nothing to do", r)
		return nil
	case h.closing:
		in.close(r, h.t)
		return nil
	}
	in.printf("rank %d runs %s", r, h.t.Body)
	return h.t
}

func (in *interpreter) run(r int, children string) {
	if t := in.take(r); t != nil {
		in.spawn(r, t, children)
		in.ran(r, t)
	}
}

func (in *interpreter) spawn(r int, t *Task, children string) {
	for _, c := range strings.Fields(children) {
		in.w.spawn(r, t, c)
	}
}

func (in *interpreter) ran(r int, t *Task) {
	if in.w.ran(r, t) {
		in.close(r, t)
	}
}

func (in *interpreter) close(r int, t *Task) {
	dropped := t.Dropped()
	result := in.w.close(r, t)
	if dropped {
		in.printf("rank %d gives up %s", r, t.Body)
	} else {
		in.printf("rank %d closes %s", r, result)
	}
}

// task finds what runs at a rank by its name.
func (in *interpreter) task(r int, name string) *Task {
	for _, h := range in.w.ranks[r].hands {
		if string(h.t.Body) == name {
			return h.t
		}
	}
	panic(fmt.Sprintf("%s does not run at rank %d", name, r))
}

func (in *interpreter) deliver(args []string) {
	switch len(args) {
	case 0:
		for len(in.w.net) > 0 {
			for _, link := range in.w.wires() {
				in.deliverN(link, len(in.w.net[link]))
			}
		}
	case 1:
		in.deliverN(wireOf(args[0]), len(in.w.net[wireOf(args[0])]))
	default:
		in.deliverN(wireOf(args[0]), number(args[1]))
	}
}

func (in *interpreter) deliverN(link wire, count int) {
	for range count {
		in.printf("%d->%d %s", link.from, link.to, show(in.w.net[link][0]))
		in.w.deliver(link)
	}
}

func (in *interpreter) outbox() {
	for _, link := range in.w.wires() {
		for _, body := range in.w.net[link] {
			in.printf("%d->%d %s", link.from, link.to, show(body))
		}
	}
}

// wires returns the ways on which something is, in order.
func (w *world) wires() []wire {
	return slices.SortedFunc(maps.Keys(w.net), func(a, b wire) int {
		return cmp.Or(a.from-b.from, a.to-b.to)
	})
}

func (in *interpreter) status(args []string) {
	for r, rank := range in.w.ranks {
		switch {
		case len(args) > 0 && !slices.Contains(args, strconv.Itoa(r)):
		case rank.dead:
			in.printf("rank %d is dead", r)
		default:
			in.printf("rank %d is %s", r, strings.Join(rank.status(), ", "))
		}
	}
}

// status lists what there is to say of a rank.
func (r *worldRank) status() []string {
	n := r.node
	out := []string{phaseNames[n.phase]}
	add := func(format, what string) {
		if what != "" {
			out = append(out, fmt.Sprintf(format, what))
		}
	}
	var hands []*Task
	for _, h := range r.hands {
		hands = append(hands, h.t)
	}
	add("queue %s", names(n.queue.tasks()))
	add("runs %s", names(hands))
	add("holds %s", names(r.waiting))
	add("to close %s", names(n.closable))
	add("lent %s", n.loans.lentNames())
	add("borrowed %s", n.loans.borrowedNames())
	add("waits on %s", ranksText(n.thief.waits))
	add("waited on by %s", ranksText(n.giver.waiters))
	add("without %s", ranksText(n.LostRanks()))
	if why, cancelled := n.Cancelled(); cancelled {
		add("cancelled: %s", why)
	}
	if n.err != nil {
		add("%s", n.err.Error())
	}
	add("result %s", string(n.Result()))
	return out
}

func (q *queue) tasks() (out []*Task) {
	for i := range q.len {
		out = append(out, q.ring[(q.head+i)&(len(q.ring)-1)])
	}
	return out
}

func (l *loans) lentNames() string {
	var out []string
	for _, id := range l.ids(func(*Task) bool { return true }) {
		out = append(out, fmt.Sprintf("%s#%d->%d", l.lent[id].Body, id, l.lent[id].lentTo))
	}
	return strings.Join(out, " ")
}

func (l *loans) borrowedNames() string {
	var out []string
	for k, t := range l.borrowed {
		out = append(out, fmt.Sprintf("%s#%d<-%d", t.Body, k.id, k.lender))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func ranksText(ranks []int) string {
	if len(ranks) == 0 {
		return ""
	}
	return strings.Trim(fmt.Sprint(ranks), "[]")
}

func wireOf(s string) wire {
	to, from, ok := strings.Cut(s, "<-")
	if !ok {
		panic("want to<-from, not " + s)
	}
	return wire{from: number(from), to: number(to)}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}
