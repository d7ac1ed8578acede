package launch

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary, started again under a launcher with GDCP_TEST_RANK set, is a
// rank. What it does is the variable's value, words separated by commas.
func TestMain(m *testing.M) {
	if role := os.Getenv("GDCP_TEST_RANK"); role != "" {
		os.Exit(rank(strings.Split(role, ",")))
	}
	os.Exit(m.Run())
}

// seen is what a rank prints, one line of JSON, in one write.
type seen struct {
	Job     Job
	Cards   []string
	Secret  string
	Err     string
	Threads int           // after Join
	CPU     time.Duration // used in the half second after Join
	Signals bool          // whether a nil pointer still panics, as Go's handler has it
}

func rank(role []string) int {
	switch role[0] {
	case "join":
		return joinRank(role[1:])
	case "absent": // rank 1 never joins
		if s, _ := Detect(os.Getenv); s.Rank == 1 {
			<-time.After(4 * time.Second)
			return 0
		}
		return joinRank(nil)
	case "node":
		_, node := thisNode()
		fmt.Fprintf(os.Stdout, "%x", node)
		return 0
	case "usage":
		if s, _ := Detect(os.Getenv); s.Speaks() {
			fmt.Fprintln(os.Stderr, "gdcp: wrong usage")
		}
		if err := Leave(context.Background(), Env{}); err != nil {
			fmt.Fprintln(os.Stderr, "leave:", err)
		}
		if s, _ := Detect(os.Getenv); len(role) > 1 && !s.Speaks() {
			return 0
		}
		return 1
	}
	return 3
}

func joinRank(then []string) int {
	s, _ := Detect(os.Getenv)
	card := strings.Repeat(fmt.Sprintf("card of %d.", s.Rank), cardRepeat())
	job, err := Join(context.Background(), Env{}, []byte(card))
	if err != nil {
		write(seen{Err: err.Error()})
		return 1
	}
	out := seen{Job: *job, Secret: hex.EncodeToString(job.Secret[:])}
	for _, c := range job.Cards {
		out.Cards = append(out.Cards, summary(string(c)))
	}
	out.Job.Cards = nil
	if len(then) == 0 {
		return write(out)
	}
	return live(out, then)
}

// summary writes a card that says the same several times: "card of 3. 1400". A
// pipe takes no more than 4 KiB at once from a rank unmixed with others' lines.
func summary(card string) string {
	head, _, _ := strings.Cut(card, ".")
	n := strings.Count(card, head+".")
	if card != strings.Repeat(head+".", n) {
		return fmt.Sprintf("spoilt: %.100q", card)
	}
	return fmt.Sprintf("%s. %d", head, n)
}

func cardRepeat() int {
	n, _ := strconv.Atoi(os.Getenv("GDCP_TEST_CARD")) // not set is 0
	return max(n, 1)
}

func write(s seen) int {
	b, err := json.Marshal(s)
	if err != nil {
		return 4
	}
	os.Stdout.Write(append(b, '\n'))
	return 0
}

// live is what a rank does after Join.
func live(out seen, then []string) int {
	victim := out.Job.Rank == 1
	if victim && then[0] != "rest" {
		<-time.After(300 * time.Millisecond) // when all are out of Join: that is what counts to launchers
	}
	switch then[0] {
	case "rest":
		before := cpuTime()
		<-time.After(500 * time.Millisecond)
		out.CPU = cpuTime() - before
		tasks, _ := filepath.Glob("/proc/self/task/*")
		out.Threads = len(tasks)
		out.Signals = nilPanics()
		return write(out)
	case "exit": // rank 1 exits with 7, the others go on for more than a second
		if victim {
			return 7
		}
	case "kill":
		if victim {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	}
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	select {
	case <-term:
		return 143
	case <-time.After(1500 * time.Millisecond):
	}
	return write(out)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return -1
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func nilPanics() (yes bool) {
	defer func() { yes = recover() != nil }()
	return nowhere().Signals
}

// nowhere keeps the nil from vet, which knows what comes of it.
func nowhere() *seen { return nil }
