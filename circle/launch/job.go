package launch

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"
)

// MaxCard is the longest card, in bytes.
const MaxCard = 16 << 10

// Job is what every rank knows once all have met. All but Rank and Local is
// the same on all ranks.
type Job struct {
	Rank, Size int
	// Launcher is the way and who started the ranks, for the banner:
	// "alone", "PMI-1 (hydra)", "PMIx (Open MPI)".
	Launcher string
	// Name is the job's name, for people and for file names: the batch
	// system's where there is one ("slurm-12.0"), else one that rank 0 has
	// drawn ("gdcp-5f0c12ab").
	Name string
	// Secret was drawn by rank 0 for this job; nobody else has it.
	Secret [32]byte
	// Cards is what each rank published, by rank.
	Cards [][]byte
	// Hosts is the display name of each rank's node, by rank. Two nodes may
	// have the same name; Nodes tells them apart.
	Hosts []string
	// Nodes is the number of each rank's node, by rank. Nodes are numbered
	// from 0 in the order of their first ranks.
	Nodes []int
	// Local is the ranks of this node, ascending, this one included.
	Local []int
}

// Env is where a rank finds itself. The zero value is the process's own.
type Env struct {
	// Getenv is os.Getenv if nil. The libraries of PMIx and MPI read the
	// process's environment whatever it says.
	Getenv func(string) string
	// Timeout bounds the wait for the other ranks. If zero, it is the
	// Situation's.
	Timeout time.Duration
}

// meeting detects, and fills in what was left out.
func (e Env) meeting() (meeting, error) {
	if e.Getenv == nil {
		e.Getenv = os.Getenv
	}
	s, err := Detect(e.Getenv)
	if e.Timeout > 0 {
		s.Timeout = e.Timeout
	}
	return meeting{Situation: s, getenv: e.Getenv}, err
}

// MissingError says which ranks did not come in time.
type MissingError struct {
	Ranks []int // nil where the launcher does not tell
	Size  int   // of the job; 0 where the launcher does not even tell that
	After time.Duration
}

func (e *MissingError) Error() string {
	switch {
	case e.Size == 0:
		return fmt.Sprintf("not all ranks have come within %v (GDCP_LAUNCH_TIMEOUT)", e.After)
	case len(e.Ranks) == 0:
		return fmt.Sprintf("not all of the %d ranks have come within %v (GDCP_LAUNCH_TIMEOUT)", e.Size, e.After)
	}
	return fmt.Sprintf("%d of %d ranks have not come within %v (GDCP_LAUNCH_TIMEOUT): %s",
		len(e.Ranks), e.Size, e.After, ranges(e.Ranks))
}

// meeting is one rank's part in an exchange.
type meeting struct {
	Situation
	getenv func(string) string
	// publish makes what this rank hands out, as soon as it knows its number.
	publish func(rank int) []byte
}

// met is what came out of it.
type met struct {
	rank, size int
	blobs      [][]byte // what each rank published, by rank
}

// way is how a Kind is gone. meet exchanges; leave joins just enough to go in
// good order. Both return within the timeout of the meeting or soon after.
type way struct {
	meet  func(context.Context, meeting) (met, error)
	leave func(context.Context, meeting) error
}

func wayOf(k Kind) way {
	nothing := func(context.Context, meeting) error { return nil }
	switch k {
	case PMI:
		return way{meetPMI, leavePMI}
	case PMIx:
		return way{meetPMIx, leavePMIx}
	case LibMPI:
		return way{meetMPI, leaveMPI}
	case Rendezvous:
		return way{meetRendezvous, nothing}
	}
	return way{meetNobody, nothing}
}

func meetNobody(_ context.Context, m meeting) (met, error) {
	return met{size: 1, blobs: [][]byte{m.publish(0)}}, nil
}

// Join meets the other ranks of the job, hands out card (opaque, up to MaxCard
// bytes) and returns with everybody's. The launcher is left in good order: from
// then on the ranks are on their own.
//
// It gives up when ctx ends or after the timeout. An error is the same on all
// ranks as far as that is possible; it wraps ErrNoExchange where the ranks have
// no way to meet, and a *MissingError where some did not come. After an error the
// process should just end: it may have left the launcher half way.
func Join(ctx context.Context, env Env, card []byte) (*Job, error) {
	if len(card) > MaxCard {
		panic(fmt.Sprintf("launch: a card of %d bytes, more than %d", len(card), MaxCard))
	}
	m, err := env.meeting()
	if err != nil {
		return nil, errors.Join(err, Leave(ctx, env))
	}
	m.publish = publisher(m.Situation, card)
	got, err := meet(ctx, &m)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", m.Situation, err)
	}
	return assemble(m.Situation, got)
}

// meet goes the way of the situation, or the next one that is open where the
// first cannot even be entered.
func meet(ctx context.Context, m *meeting) (met, error) {
	got, err := wayOf(m.Kind).meet(ctx, *m)
	if err == nil || !errors.Is(err, ErrNotSupported) {
		return got, err
	}
	next, ok := m.detour()
	if !ok {
		return got, fmt.Errorf("%w: %w; %s", ErrNoExchange, err, m.advice())
	}
	m.Kind = next
	got, again := meet(ctx, m)
	if again != nil {
		return got, fmt.Errorf("%w (and before that: %w)", again, err)
	}
	return got, nil
}

// detour is the way to go where a library cannot be opened. Nobody went that
// way yet, so all ranks take the detour, as long as their nodes are alike.
func (m *meeting) detour() (Kind, bool) {
	switch {
	case m.getenv("GDCP_LAUNCH") != "":
		return m.Kind, false
	case m.Kind == PMIx:
		return LibMPI, true
	case m.Kind == LibMPI && environment{m.getenv}.rendezvousComplete(m.Situation) == nil:
		return Rendezvous, true
	}
	return m.Kind, false
}

func (m *meeting) advice() string {
	text := "install libpmix or the MPI library of the launcher, and let LD_LIBRARY_PATH, GDCP_LIBPMIX or GDCP_LIBMPI say where it is"
	if m.Size > 0 {
		return text + "; or set GDCP_RENDEZVOUS to a shared directory"
	}
	return text + "; or set GDCP_RANK, GDCP_SIZE and GDCP_RENDEZVOUS"
}

// publisher makes this rank's record once its number is known.
func publisher(s Situation, card []byte) func(rank int) []byte {
	return func(rank int) []byte {
		r := record{card: card}
		r.host, r.node = thisNode()
		if rank == 0 {
			r.first, r.name = true, s.Name
			copy(r.secret[:], nonce())
			if r.name == "" {
				r.name = "gdcp-" + hex.EncodeToString(nonce()[:4])
			}
		}
		return r.encode()
	}
}

// leaveWithin bounds Leave: a rank that only wants to say that it was called
// wrongly must not wait for a minute to do so.
const leaveWithin = 10 * time.Second

// Leave is for a rank that ends before Join, as after a usage error: it joins
// the launcher just enough that the whole job ends promptly and none hangs. Open
// MPI 4.1's mpirun waits for ever when many ranks exit that never called
// PMIx_Init. It waits for the other ranks to call Leave too, so that what rank 0
// has printed before is out when the launcher ends the job because of the first
// exit code that is not 0.
//
// An error says why there was no good order; the caller can do nothing about it
// but exit.
func Leave(ctx context.Context, env Env) error {
	m, _ := env.meeting() // an error is the reason for leaving, and the launcher is known all the same
	m.Timeout = min(m.Timeout, leaveWithin)
	if err := wayOf(m.Kind).leave(ctx, m); err != nil {
		linger(ctx)
		return fmt.Errorf("%v: leave in good order: %w", m.Situation, err)
	}
	return nil
}

// linger is the second best to a goodbye: Open MPI 4.1 only hangs when its ranks
// exit before it has noted that all of them have started.
func linger(ctx context.Context) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
}
