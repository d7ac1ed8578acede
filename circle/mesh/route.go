package mesh

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
)

// route lists the addresses at which to dial a peer, in the order in which to
// try them.
//
// On one node that is the loopback first. Between nodes the loopback and
// addresses that are also this rank's own are left out, as they lead back to
// this host; addresses in one of this rank's networks come first, then those
// of a family it has.
func route(self, peer card) []netip.AddrPort {
	here := self.node == peer.node
	var doors []door
	for _, d := range peer.doors {
		if here || !d.net.Addr().IsLoopback() && !self.owns(d.net.Addr()) {
			doors = append(doors, d)
		}
	}
	slices.SortStableFunc(doors, func(a, b door) int {
		return cmp.Compare(self.distance(a, here), self.distance(b, here))
	})
	list := make([]netip.AddrPort, len(doors))
	for i, d := range doors {
		list[i] = d.addrPort()
	}
	return list
}

func (c card) owns(a netip.Addr) bool {
	return slices.ContainsFunc(c.doors, func(d door) bool { return d.net.Addr() == a })
}

func (c card) distance(to door, here bool) int {
	addr := to.net.Addr()
	far := 3
	for _, d := range c.doors {
		switch {
		case here && addr.IsLoopback():
			return 0
		case d.net.Addr().IsLoopback():
		case d.net.Masked().Contains(addr):
			far = min(far, 1)
		case d.net.Addr().Is4() == addr.Is4():
			far = min(far, 2)
		}
	}
	return far
}

// checkRoutes tells of two ranks between which no address leads, which is
// certain from the cards alone.
func checkRoutes(self card, cards []card) error {
	for rank, c := range cards {
		if len(route(self, c)) > 0 && len(route(c, self)) > 0 {
			continue
		}
		why := "the addresses of both are the same"
		switch {
		case self.isLocal():
			why = "this rank listens on its loopback only"
		case c.isLocal():
			why = "that one listens on its loopback only"
		}
		return fmt.Errorf("rank %d is on another host, and %s: say with --net which interface or network connects the hosts", rank, why)
	}
	return nil
}

func (c card) isLocal() bool {
	return !slices.ContainsFunc(c.doors, func(d door) bool { return !d.net.Addr().IsLoopback() })
}
