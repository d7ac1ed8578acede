package mesh

import (
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// netif is a network interface of this host, as far as the choice needs it.
type netif struct {
	name  string
	class class
	speed int // Mb/s; 0 where it is not known
	up    bool
	addrs []netip.Prefix // the address and its network, IPv4 first; no link-local ones
}

// class is what an interface is, best first.
type class int

const (
	infiniband class = iota // IPoIB
	hardware                // a card, or a bond, VLAN or bridge on one
	virtual                 // a container's end of a veth, and the like
	private                 // a bridge without a card, a tunnel: seldom between nodes
	loopback
)

// ARPHRD_* of linux/if_arp.h, as in /sys/class/net/X/type.
const (
	arpEther      = 1
	arpInfiniband = 32
)

// interfaces lists the interfaces of this host.
func interfaces() ([]netif, error) {
	ifs, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	sys := os.DirFS("/sys/class/net")
	var list []netif
	for _, i := range ifs {
		addrs, err := i.Addrs()
		if err != nil {
			return nil, fmt.Errorf("list the addresses of %s: %w", i.Name, err)
		}
		list = append(list, netif{
			name:  i.Name,
			class: classify(sys, i.Name, i.Flags),
			speed: max(0, number(sys, i.Name+"/speed")), // -1 where there is none
			up:    i.Flags&net.FlagUp != 0 && i.Flags&net.FlagRunning != 0,
			addrs: usable(addrs),
		})
	}
	return list, nil
}

// classify looks at what sysfs says; elsewhere than on Linux, at the flags.
func classify(sys fs.FS, name string, flags net.Flags) class {
	arp := number(sys, name+"/type")
	switch {
	case flags&net.FlagLoopback != 0:
		return loopback
	case arp == arpInfiniband:
		return infiniband
	case flags&net.FlagPointToPoint != 0, arp != arpEther && arp != 0:
		return private
	case arp == 0 || onHardware(sys, name, 0):
		return hardware
	case exists(sys, name+"/bridge"):
		return private
	}
	return virtual
}

// onHardware tells whether there is a card under an interface: a bond's, a
// VLAN's or a bridge's lower interfaces are symbolic links lower_NAME.
func onHardware(sys fs.FS, name string, depth int) bool {
	if exists(sys, name+"/device") {
		return true
	}
	entries, err := fs.ReadDir(sys, name)
	if err != nil || depth > 4 {
		return false
	}
	for _, e := range entries {
		if lower, ok := strings.CutPrefix(e.Name(), "lower_"); ok && onHardware(sys, lower, depth+1) {
			return true
		}
	}
	return false
}

func exists(sys fs.FS, path string) bool {
	_, err := fs.Stat(sys, path)
	return err == nil
}

// number reads a number from sysfs, 0 where there is none: speed, for one,
// cannot be read of an interface that is down.
func number(sys fs.FS, path string) int {
	b, err := fs.ReadFile(sys, path)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return n
}

// usable keeps the addresses that another host could dial, IPv4 first. A
// link-local one would mean nothing without the name of the dialer's interface.
func usable(addrs []net.Addr) []netip.Prefix {
	var v4, v6 []netip.Prefix
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		switch {
		case err != nil || p.Addr().IsLinkLocalUnicast() || p.Addr().IsMulticast():
		case p.Addr().Is4():
			v4 = append(v4, p)
		default:
			v6 = append(v6, p)
		}
	}
	return append(v4, v6...)
}
