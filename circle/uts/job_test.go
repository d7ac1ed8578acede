package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"gdcp/circle"
	"gdcp/circle/inproc"
	"gdcp/circle/uts/internal/tree"
)

// A rank is killed in the middle of its work. What it had in hand is searched
// again, and the counts are as if nothing had happened: each node counts once.
func TestLostRankIsMadeUpFor(t *testing.T) {
	const ranks, victim = 4, 2
	o, err := parse(strings.Fields("-t 2 -a 3 -d 8 -b 5 -q 0.19 -m 5 -f 0.6 -r 0 -c 1 -i 20 -g 3"))
	if err != nil {
		t.Fatal(err)
	}
	alone, err := tree.New(o.params)
	if err != nil {
		t.Fatal(err)
	}
	world, victims := inproc.New(ranks), newSearch(alone, o)
	kill := sync.OnceFunc(func() { world.Kill(victim) })
	var got outcome
	var group errgroup.Group
	for r := range ranks {
		group.Go(func() (err error) {
			switch r {
			case victim:
				dying := watched{world.Endpoint(r), func() {
					if victims.nodes.Load() > 1000 {
						kill()
					}
				}}
				_, _ = victims.join(t.Context(), dying, o.workers) // a dead rank's error is no news
			case 0:
				got, err = newSearch(alone, o).join(t.Context(), world.Endpoint(r), o.workers)
			default:
				_, err = newSearch(alone, o).join(t.Context(), world.Endpoint(r), o.workers)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if want := alone.CountAll(); got.count != want {
		t.Errorf("counted %+v, want %+v", got.count, want)
	}
	if !slices.Equal(got.lost, []int{victim}) {
		t.Errorf("lost ranks %v, want %d alone: it was not killed in time", got.lost, victim)
	}
}

func TestCancel(t *testing.T) {
	o, err := parse(strings.Fields("-t 1 -a 3 -d 18 -b 4 -r 19 -n 4")) // T1WL takes hours
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	transports := within(4).transports
	transports[0] = watched{transports[0], func() { cancel(errors.New("enough")) }}
	began := time.Now()
	_, err = runRanks(ctx, o, transports)
	if !errors.Is(err, errStopped) || !strings.Contains(err.Error(), "enough") {
		t.Errorf("error %v, want that it was stopped because of %q", err, "enough")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the search ended %v after it was told to", took)
	}
}

// watched is a transport that calls sent after each message that it sends.
type watched struct {
	circle.Transport
	sent func()
}

func (w watched) Send(to int, body []byte) {
	w.Transport.Send(to, body)
	w.sent()
}
