package launch

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Kind is a way in which the ranks of a job find each other.
type Kind int

// The ways, in the order in which they are preferred.
const (
	// Alone is a job of one rank: there is nobody to find.
	Alone Kind = iota
	// PMI is PMI-1 over the descriptor PMI_FD.
	PMI
	// PMIx is libpmix, opened at run time.
	PMIx
	// LibMPI is libmpi, opened at run time.
	LibMPI
	// Rendezvous is a TCP port or a shared directory that the user names.
	Rendezvous
)

func (k Kind) String() string {
	return [...]string{"alone", "PMI-1", "PMIx", "libmpi", "rendezvous"}[k]
}

// kinds are the words that GDCP_LAUNCH takes.
func kinds(word string) (Kind, bool) {
	k, ok := map[string]Kind{"alone": Alone, "pmi": PMI, "pmix": PMIx, "libmpi": LibMPI, "rendezvous": Rendezvous}[word]
	return k, ok
}

// Situation is what the environment alone tells about a rank, before a word
// has been exchanged with anybody.
type Situation struct {
	Kind     Kind
	Launcher string // who started this process, for people: "Open MPI", "Slurm"; "" if nobody did
	Rank     int    // -1 if only the exchange will tell
	Size     int    // 0 if only the exchange will tell
	Name     string // the job's name as a batch system knows it, "slurm-12.0"; "" if there is none

	// Timeout is how long the other ranks are to be waited for: what
	// GDCP_LAUNCH_TIMEOUT says ("90s", "5m"), and else DefaultTimeout.
	Timeout time.Duration
}

// DefaultTimeout is how long ranks are waited for when nobody says otherwise.
const DefaultTimeout = time.Minute

// Speaks tells whether this rank is the one that prints what concerns the whole
// job, such as a usage error: rank 0, or a rank that does not know its number.
func (s Situation) Speaks() bool { return s.Rank <= 0 }

// String is the way and the launcher, for the banner: "PMIx (Open MPI)".
func (s Situation) String() string {
	if s.Launcher == "" {
		return s.Kind.String()
	}
	return fmt.Sprintf("%s (%s)", s.Kind, s.Launcher)
}

// ErrNoExchange is wrapped by the errors of Detect and Join that say that this
// process was started as one of many, and has no way to find the others. The
// text says what to do about it.
var ErrNoExchange = errors.New("this process is one of several, and they cannot find each other")

// MaxSize is the largest number of ranks that is believed.
const MaxSize = 1 << 20

// Detect tells from the environment how this process was started. getenv is
// os.Getenv or a test's. With an error, the Situation still tells what is known
// of rank and size, so that only one rank prints the error before all Leave.
func Detect(getenv func(string) string) (Situation, error) {
	e := environment{getenv}
	mark := e.mark()
	s, err := e.numbers(mark)
	s.Name = e.slurmName()
	s.Timeout = DefaultTimeout
	if err == nil {
		s.Timeout, err = e.timeout()
	}
	if err != nil {
		return s, err
	}
	if word := getenv("GDCP_LAUNCH"); word != "" {
		return e.forced(s, word)
	}
	if s.Size == 1 { // nobody to meet, so nothing that could go wrong with it
		s.Kind = Alone
		return s, nil
	}
	return mark.settle(e, s)
}

// numbers reads the rank and the size from the variables that mark names.
func (e environment) numbers(m mark) (Situation, error) {
	s := Situation{Kind: m.kind, Launcher: m.launcher, Rank: -1}
	var err error
	if m.rank != "" {
		if s.Rank, err = e.number(m.rank, 0, MaxSize-1); err != nil {
			s.Rank = -1
			return s, err
		}
	}
	if m.size != "" && e.has(m.size) {
		if s.Size, err = e.number(m.size, 1, MaxSize); err != nil {
			return s, err
		}
	}
	if m.launcher == "" && m.kind == Alone {
		s.Rank, s.Size = 0, 1
	}
	if s.Size > 0 && s.Rank >= s.Size {
		return s, fmt.Errorf("%s=%d and %s=%d do not go together", m.rank, s.Rank, m.size, s.Size)
	}
	return s, nil
}

func (e environment) number(name string, low, high int) (int, error) {
	n, err := strconv.Atoi(e.get(name))
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%s=%q: want a number from %d to %d", name, e.get(name), low, high)
	}
	return n, nil
}

func (e environment) timeout() (time.Duration, error) {
	text := e.get("GDCP_LAUNCH_TIMEOUT")
	if text == "" {
		return DefaultTimeout, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return DefaultTimeout, fmt.Errorf("GDCP_LAUNCH_TIMEOUT=%q: want a time such as 90s or 5m", text)
	}
	return d, nil
}

// forced is what GDCP_LAUNCH makes of a situation.
func (e environment) forced(s Situation, word string) (Situation, error) {
	kind, ok := kinds(word)
	if !ok {
		return s, fmt.Errorf("GDCP_LAUNCH=%q: want alone, pmi, pmix, libmpi or rendezvous", word)
	}
	s.Kind = kind
	switch {
	case kind == Alone:
		s.Rank, s.Size = 0, 1
	case kind == PMI && !e.has("PMI_FD"):
		return s, errors.New("GDCP_LAUNCH=pmi, but PMI_FD is not set: no launcher that speaks PMI-1 started this process")
	case kind == PMIx && !e.has("PMIX_RANK", "PMIX_NAMESPACE"):
		return s, errors.New("GDCP_LAUNCH=pmix, but PMIX_RANK and PMIX_NAMESPACE are not set: no launcher that speaks PMIx started this process")
	case kind == Rendezvous:
		return s, e.rendezvousComplete(s)
	}
	return s, nil
}

// rendezvousComplete checks that a rendezvous can be tried.
func (e environment) rendezvousComplete(s Situation) error {
	switch {
	case !e.has("GDCP_RENDEZVOUS"):
		return fmt.Errorf("%w: set GDCP_RENDEZVOUS to host:port of rank 0 (with GDCP_SECRET_FILE) or to a shared directory", ErrNoExchange)
	case s.Rank < 0 || s.Size < 1:
		return fmt.Errorf("%w: GDCP_RENDEZVOUS needs GDCP_RANK (from 0) and GDCP_SIZE too, different and equal on all ranks", ErrNoExchange)
	}
	return nil
}
