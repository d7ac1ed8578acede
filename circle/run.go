package circle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Outcome is what rank 0 knows at the end of a job. On other ranks only
// Cancelled and Why are set.
type Outcome struct {
	Result []byte   // the root's
	Cards  [][]byte // of Finisher.Finish, by rank; nil for a rank that did not answer
	Lost   []int    // ranks that were lost; what they had in hand was done again by others

	Cancelled bool // by Cancel, ctx or Start; there is no Result then
	Why       string
}

// Intervals and limits of Run, in time.
const (
	tickEvery = time.Millisecond       // how long a lone task may be kept from a waiting rank
	grace     = 700 * time.Millisecond // how long after a cancel others, or workers that hang, are waited for
	lastCall  = 100 * time.Millisecond // how much longer own workers that do not hang may take to come back
)

// reportBacklog is how many bytes of reports a rank queues to rank 0 before
// Report waits.
const reportBacklog = 4 << 20

// Run is one rank's part of a job: it drives n over tr until the job is over,
// with up to workers calls of h at a time, not counting those inside of a Spawn.
// Whoever calls it closes tr afterwards. It returns an error where the rank
// cannot say how the job ended: rank 0 is lost, or this rank was declared lost
// (ErrEvicted), or a worker hangs.
//
// When ctx ends on any rank, the job is cancelled on all ranks, and Run returns
// within a second even if a worker hangs. What Run itself waits for has to heed
// its context for that: Ask, Greet, Start and Finish.
func Run(ctx context.Context, n *Node, tr Transport, h Handler, workers int) (Outcome, error) {
	if workers < 1 {
		return Outcome{}, fmt.Errorf("run with %d workers: want at least 1", workers)
	}
	r := newRunner(ctx, n, tr, h, workers)
	defer r.stop()
	r.join()
	err := cmp.Or(r.loop(), r.waitWorkers())
	return r.outcome(), err
}

// runner is a running rank.
type runner struct {
	tr      Transport
	h       Handler
	workers int
	asked   context.Context // Run's caller's
	ctx     context.Context // the handlers'; ends when the node has stopped, never before
	stop    context.CancelFunc

	wake     chan struct{}    // for the loop: look at what the node wants
	started  bool             // the loop's: the Greeter was asked to start
	deadline <-chan time.Time // the loop's: after a cancel, when to wait no longer
	counters counterFeed      // the loop's
	reports  sync.Mutex       // held while the Reporter is called

	mu      sync.Mutex // guards all below
	node    *Node
	work    sync.Cond      // there may be work
	parked  int            // workers that wait for it
	waking  int            // workers that were told, and are not back yet
	ticking bool           // a tick is on its way
	group   sync.WaitGroup // the workers
}

func newRunner(ctx context.Context, n *Node, tr Transport, h Handler, workers int) *runner {
	r := &runner{tr: tr, h: h, workers: workers, node: n, asked: ctx, wake: make(chan struct{}, 1)}
	r.ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.work.L = &r.mu
	if c, ok := h.(Combiner); ok && n.cfg.Combine == nil {
		n.cfg.Combine = c.Combine
	}
	r.counters.init(r)
	return r
}

// join reports for duty and starts the workers. Without a Greeter there is no
// question to wait for.
func (r *runner) join() {
	g, asks := r.h.(Greeter)
	var question []byte
	var err error
	if asks && r.tr.Rank() == 0 {
		question, err = g.Ask(r.asked)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err != nil:
		r.node.Cancel(err.Error())
	case !asks:
		r.node.Hello(nil)
	case r.tr.Rank() == 0:
		r.node.Ask(question)
	default:
		r.node.Join()
	}
	for range r.workers {
		r.group.Go(r.worker)
	}
	r.settle()
}

// greet answers rank 0's question.
func (r *runner) greet(question []byte) {
	card := r.h.(Greeter).Greet(r.asked, question)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node.Hello(card)
	r.wakeAll() // the workers may ask for work now
	r.settle()
}

// loop takes what the transport brings until the job is over for this rank.
func (r *runner) loop() error {
	defer r.counters.timer.Stop()
	cancelled := r.asked.Done()
	for {
		if over, err := r.attend(); over {
			r.counters.show()
			return err
		}
		select {
		case p, ok := <-r.tr.Packets():
			if !ok {
				return errors.New("the transport was closed under a running job")
			}
			r.packet(p)
		case <-r.wake:
		case <-r.counters.timer.C:
			r.counters.tick()
		case <-cancelled:
			cancelled = nil
			r.cancel(context.Cause(r.asked).Error())
			r.patience()
		case <-r.deadline:
			return r.tooLate()
		}
	}
}

// attend sees to what the node wants of the loop: the start, and the goodbye.
func (r *runner) attend() (over bool, err error) {
	r.mu.Lock()
	question, cards := r.node.Asked(), r.node.Greeted()
	isEnding := r.node.Ending()
	_, cancelled := r.node.Cancelled()
	over, err = r.node.Over()
	r.mu.Unlock()
	if cancelled {
		r.patience()
	}
	switch {
	case over:
		return true, err
	case question != nil:
		r.greet(question)
		return r.attend()
	case cards != nil && !r.started:
		r.started = true
		r.start(cards)
	case isEnding:
		r.bye()
		return r.attend()
	}
	return false, nil
}

// patience sets the deadline, once.
func (r *runner) patience() {
	if r.deadline == nil {
		r.deadline = time.After(grace)
	}
}

// tooLate ends the wait after a cancel: on rank 0 for other ranks, elsewhere
// for rank 0's word, or on any for a worker that hangs (then waitWorkers says
// so).
func (r *runner) tooLate() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch _, cancelled := r.node.Cancelled(); {
	case r.node.phase == stopping:
		return fmt.Errorf("rank 0 has not answered a cancel within %v", grace)
	case !cancelled: // it came when all tasks were closed, and a rank has yet to finish
		return fmt.Errorf("stopped before all ranks had finished: %w", context.Cause(r.asked))
	}
	return nil
}

// start makes the root task, or ends the job before it has begun.
func (r *runner) start(cards [][]byte) {
	root, err := r.node.cfg.Root, error(nil)
	if g, ok := r.h.(Greeter); ok {
		root, err = g.Start(r.asked, cards)
	}
	if err != nil {
		r.cancel(err.Error())
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.node.Greeted() != nil { // no cancel has come meanwhile
		r.node.Start(root)
	}
	r.settle()
}

func (r *runner) cancel(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node.Cancel(why)
	r.settle()
}

// bye says goodbye with the handler's last word.
func (r *runner) bye() {
	r.mu.Lock()
	_, cancelled := r.node.Cancelled()
	r.mu.Unlock()
	var card []byte
	if f, ok := r.h.(Finisher); ok {
		ctx, stop := r.finishing(cancelled)
		card = f.Finish(ctx, cancelled)
		stop()
	}
	r.counters.tick()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node.Bye(card)
	r.settle()
}

// finishing is the context of Finish. After a cancel, that of Run's caller may
// have ended, and there is only so much time.
func (r *runner) finishing(cancelled bool) (context.Context, context.CancelFunc) {
	if cancelled {
		return context.WithTimeout(context.WithoutCancel(r.asked), grace)
	}
	return context.WithCancel(r.asked)
}

// packet feeds the node one packet. Reports and counters are not the node's.
func (r *runner) packet(p Packet) {
	if p.Lost == nil && r.counters.take(p) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.Lost != nil {
		r.node.Lost(p.From, p.Lost)
	} else if err := r.node.Step(p.From, p.Body); err != nil {
		r.node.fail(fmt.Errorf("rank %d: %w", p.From, err))
	}
	r.settle()
}

// settle does what any call of the node may have made necessary: send, wake
// workers, have a tick come, tell the loop of the end.
// The lock is held.
func (r *runner) settle() {
	for _, e := range r.node.Outbox() {
		r.tr.Send(e.To, e.Body)
	}
	for r.parked > 0 && r.waking < r.node.Available() {
		r.parked, r.waking = r.parked-1, r.waking+1
		r.work.Signal()
	}
	if r.node.Ticking() && !r.ticking {
		r.ticking = true
		time.AfterFunc(tickEvery, r.tick)
	}
	if r.node.phase != working {
		r.ended()
	}
}

// ended lets the workers go that wait, and has the loop look. The handlers'
// context ends when the job does.
func (r *runner) ended() {
	if r.node.phase == starting && r.node.Greeted() == nil {
		return
	}
	if r.node.phase != starting {
		r.stop()
		r.wakeAll()
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *runner) wakeAll() {
	r.parked, r.waking = 0, r.waking+r.parked
	r.work.Broadcast()
}

func (r *runner) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ticking = false
	r.node.Tick()
	r.settle()
}

func (r *runner) outcome() Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	var o Outcome
	o.Why, o.Cancelled = r.node.Cancelled()
	if r.node.cfg.Rank == 0 {
		o.Result, o.Cards, o.Lost = r.node.Result(), r.node.Byes(), r.node.LostRanks()
	}
	return o
}
