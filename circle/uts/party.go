package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"gdcp/circle"
	"gdcp/circle/inproc"
	"gdcp/circle/launch"
	"gdcp/circle/mesh"
)

// party is the ranks of this process, as part of the job's.
type party struct {
	transports []circle.Transport // one for each rank of this process
	size       int                // ranks of the job
	over       string             // what joins them, for people
}

// fits refuses what a launcher has decided already.
func (o options) fits(where launch.Situation) error {
	if where.Kind == launch.Alone {
		return nil
	}
	if o.ranks != 0 {
		return fmt.Errorf("-n %d: %v has started the ranks; leave -n away", o.ranks, where)
	}
	if o.transport == inprocTransport {
		return fmt.Errorf("--transport inproc: %v has started the ranks as processes; leave it away", where)
	}
	return nil
}

// gather brings the ranks together.
func gather(ctx context.Context, o options, where launch.Situation, getenv func(string) string) (party, error) {
	if where.Kind != launch.Alone {
		return launched(ctx, getenv)
	}
	n := max(1, o.ranks)
	if o.transport == meshTransport {
		return overLoopback(n)
	}
	return within(n), nil
}

// within makes n ranks in this process that pass each other messages.
func within(n int) party {
	p := party{size: n, over: "inproc"}
	world := inproc.New(n)
	for rank := range n {
		p.transports = append(p.transports, world.Endpoint(rank))
	}
	return p
}

// launched is one rank of a launcher's.
func launched(ctx context.Context, getenv func(string) string) (party, error) {
	l, err := mesh.Listen(mesh.Config{})
	if err != nil {
		return party{}, err
	}
	job, err := launch.Join(ctx, launch.Env{Getenv: getenv}, l.Card())
	if err != nil {
		return party{}, errors.Join(err, l.Close())
	}
	m, err := l.Join(job.Rank, job.Cards, job.Secret)
	if err != nil {
		return party{}, err
	}
	return party{[]circle.Transport{m}, job.Size, m.Describe() + ", " + job.Launcher}, nil
}

// overLoopback makes n ranks in this process that talk by TCP.
func overLoopback(n int) (p party, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return p, err
	}
	listeners, cards, err := listen(n)
	if err != nil {
		return p, err
	}
	p.size = n
	for rank, l := range listeners {
		m, err := l.Join(rank, cards, secret)
		if err != nil {
			return p, errors.Join(err, closeAll(listeners[rank+1:]))
		}
		p.transports = append(p.transports, m)
		p.over = m.Describe()
	}
	return p, nil
}

func listen(n int) (listeners []*mesh.Listener, cards [][]byte, err error) {
	for range n {
		l, err := mesh.Listen(mesh.Config{})
		if err != nil {
			return nil, nil, errors.Join(err, closeAll(listeners))
		}
		listeners, cards = append(listeners, l), append(cards, l.Card())
	}
	return listeners, cards, nil
}

func closeAll(listeners []*mesh.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

func (p party) close() error {
	var errs []error
	for _, t := range p.transports {
		errs = append(errs, t.Close())
	}
	return errors.Join(errs...)
}
