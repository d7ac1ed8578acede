package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"gdcp/circle"
	"gdcp/circle/inproc"
	"gdcp/circle/launch"
	"gdcp/circle/mesh"
	"gdcp/copier"
	"gdcp/copier/attrs"
)

// crew is all ranks of a job as one of them sees it, and its connection to the
// others.
type crew struct {
	*launch.Job
	network   string // between nodes, for people
	transport circle.Transport
}

// meet finds the other ranks and connects to them. A rank alone opens no socket.
func meet(ctx context.Context, env environment, s launch.Situation, o *options) (*crew, error) {
	if s.Kind == launch.Alone {
		job, err := launch.Join(ctx, launch.Env{Getenv: env.getenv}, nil)
		if err != nil {
			return nil, err
		}
		return &crew{Job: job, network: "none", transport: inproc.New(1).Endpoint(0)}, nil
	}
	listener, listenErr := mesh.Listen(mesh.Config{Net: o.net})
	job, err := launch.Join(ctx, launch.Env{Getenv: env.getenv}, card(listener, listenErr))
	if err != nil {
		return nil, err
	}
	cards, err := readCards(job)
	if err != nil {
		return nil, err
	}
	m, err := listener.Join(job.Rank, cards, job.Secret)
	if err != nil {
		return nil, err
	}
	return &crew{Job: job, network: m.Describe(), transport: m}, nil
}

// What a rank's card begins with: the addresses follow, or why there are none.
// A rank that cannot listen joins all the same, so that every rank knows why
// the job ends, and none waits for it.
const (
	cardListening = 'L'
	cardTrouble   = 'T'
)

func card(l *mesh.Listener, err error) []byte {
	if err != nil {
		return append([]byte{cardTrouble}, err.Error()...)
	}
	return append([]byte{cardListening}, l.Card()...)
}

// readCards returns the cards of the mesh, or which ranks have none and why.
func readCards(job *launch.Job) ([][]byte, error) {
	var cards [][]byte
	for r, c := range job.Cards {
		switch {
		case len(c) > 0 && c[0] == cardListening:
			cards = append(cards, c[1:])
		case len(c) > 0 && c[0] == cardTrouble:
			return nil, fmt.Errorf("network of rank %d on %s: %s", r, job.Hosts[r], c[1:])
		default:
			return nil, fmt.Errorf("rank %d on %s does not run this version of gdcp", r, job.Hosts[r])
		}
	}
	return cards, nil
}

// nodes are the nodes' names, in the order of their first ranks.
func (c *crew) nodes() []string {
	var names []string
	for r, n := range c.Nodes {
		if n == len(names) {
			names = append(names, c.Hosts[r])
		}
	}
	return names
}

// rankJob is a rank's part of the copy. On rank 0 it opens the files that the
// job writes besides the copy before it plans, so that it can still be refused.
type rankJob struct {
	*copier.Job
	open func() error
}

// Ask implements circle.Greeter.
func (j *rankJob) Ask(ctx context.Context) ([]byte, error) {
	if err := j.open(); err != nil {
		return nil, err
	}
	return j.Job.Ask(ctx)
}

// newJob makes this rank's part of the copy.
func newJob(o *options, env environment, c *crew, obs *observer) (*rankJob, error) {
	job, err := copier.New(copier.Options{
		Sources: o.sources, Dest: o.dest, NoTargetDir: o.noTargetDir, Follow: o.follow,
		Attrs:   attrs.Config{Preserve: o.preserve, Xattrs: o.filter, Umask: env.umask},
		BufSize: int(o.bufSize), Chunk: o.chunk,
		DryRun: o.dryRun, Verbose: o.verbose && !o.quiet,
		Ranks: c.Size, Host: c.Hosts[c.Rank], SyncHere: c.Local[0] == c.Rank,
		Observer: obs,
	})
	return &rankJob{Job: job, open: obs.open}, err
}

// runJob runs this rank's part of the job.
func runJob(ctx context.Context, c *crew, job *rankJob, workers int) (circle.Outcome, error) {
	// The scheduler is slow to notice that a worker waits in a system call: with
	// a processor for each, none waits for another one's. A launcher may also
	// have bound this rank to a single core.
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), workers))
	node := circle.New(circle.Config{Rank: c.Rank, Size: c.Size})
	return circle.Run(ctx, node, c.transport, job, workers)
}

// goodbyeTimeout bounds the wait for rank 0, which may be writing to a pipe
// that nobody reads.
const goodbyeTimeout = 2 * time.Second

// awaitRankZero waits until rank 0 has said all that there is to say. A rank
// that ends before may cost it that: when Open MPI's mpirun has sent SIGTERM,
// the end of the first rank cuts its second of patience short, and SIGKILL
// hits the others.
func (c *crew) awaitRankZero() {
	late := time.After(goodbyeTimeout)
	for {
		select {
		case p, ok := <-c.transport.Packets():
			if !ok || p.From == 0 && p.Lost != nil {
				return
			}
		case <-late:
			return
		}
	}
}

// leave closes the connections. The job is over: what could not be sent any
// more is wanted by nobody.
func (c *crew) leave() { _ = c.transport.Close() }

// mustSay tells whether this rank is the one to say why the ranks did not
// meet: rank 0, or else the first one that is there.
func mustSay(s launch.Situation, err error) bool {
	var missing *launch.MissingError
	if s.Speaks() || !errors.As(err, &missing) {
		return s.Speaks()
	}
	for r := range s.Rank {
		if !slices.Contains(missing.Ranks, r) {
			return false
		}
	}
	return true
}

// where names a rank in its own messages.
func (c *crew) where() string {
	return fmt.Sprintf("rank %d on %s", c.Rank, c.Hosts[c.Rank])
}
