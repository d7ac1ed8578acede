package mesh

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Listener is a rank that can be dialed but does not know the others yet.
// Whoever dials waits in the kernel's queue until Join.
type Listener struct {
	cfg       Config
	name      string // of the chosen interfaces, as the banner has it
	card      card
	listeners []net.Listener
}

// Listen picks the network and listens on it. It is called before the
// launcher's exchange. An error says what is wrong with Config.Net.
func Listen(cfg Config) (*Listener, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	have, err := interfaces()
	if err != nil {
		return nil, err
	}
	picked, err := choose(cfg.Net, have)
	if err != nil {
		return nil, err
	}
	l := &Listener{cfg: cfg, name: names(picked), card: card{node: thisNode()}}
	if err := l.open(addresses(picked, have)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// names is what the banner says: the best interface, and those of its kind
// and speed, as for two ports of one card.
func names(picked []netif) string {
	var list []string
	for _, i := range picked {
		if i.class == picked[0].class && i.speed == picked[0].speed {
			list = append(list, i.name)
		}
	}
	if len(list) == 0 {
		return "lo"
	}
	return strings.Join(list, ", ")
}

// addresses lists where to listen: what was picked, no more than fits a card,
// and the loopback for the ranks of this node.
func addresses(picked, have []netif) []netip.Prefix {
	var list []netip.Prefix
	seen := make(map[netip.Addr]bool)
	add := func(ps []netip.Prefix, room int) {
		for _, p := range ps {
			if !seen[p.Addr()] && len(list) < room {
				seen[p.Addr()] = true
				list = append(list, p)
			}
		}
	}
	for _, i := range picked {
		add(i.addrs, maxDoors-1)
	}
	for _, i := range have {
		if i.class == loopback && i.up {
			add(i.addrs[:min(1, len(i.addrs))], maxDoors)
		}
	}
	return list
}

// open listens on each address, at a port of the kernel's choice. An address
// that does not work, such as one still being checked for duplicates, is left
// out as long as there is another.
func (l *Listener) open(list []netip.Prefix) error {
	errs := []error{errors.New("no address to listen on: not even a loopback interface is up")}
	for _, p := range list {
		ln, err := net.Listen("tcp", netip.AddrPortFrom(p.Addr(), 0).String())
		if err != nil {
			errs[0] = fmt.Errorf("no address to listen on")
			errs = append(errs, err)
			continue
		}
		l.listeners = append(l.listeners, ln)
		port := ln.Addr().(*net.TCPAddr).AddrPort().Port()
		l.card.doors = append(l.card.doors, door{p, port})
	}
	if len(l.listeners) == 0 {
		return errors.Join(errs...)
	}
	for _, err := range errs[1:] {
		l.cfg.Logf("not listening: %v", err)
	}
	return nil
}

// Card is what the other ranks have to be told of this one: opaque bytes, at
// most 178.
func (l *Listener) Card() []byte { return l.card.encode() }

// Interface is the network to the other nodes: "ib0", or "lo" where there is
// none.
func (l *Listener) Interface() string { return l.name }

// Close is for a Listener that is not joined after all.
func (l *Listener) Close() error {
	var errs []error
	for _, ln := range l.listeners {
		errs = append(errs, ln.Close())
	}
	return errors.Join(errs...)
}
