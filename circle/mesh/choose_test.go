package mesh

import (
	"net/netip"
	"strings"
	"testing"
)

// nic makes an interface that is up.
func nic(name string, c class, speed int, addrs ...string) netif {
	i := netif{name: name, class: c, speed: speed, up: true}
	for _, a := range addrs {
		i.addrs = append(i.addrs, netip.MustParsePrefix(a))
	}
	return i
}

func down(i netif) netif {
	i.up = false
	return i
}

// show is the choice as "ib0(10.0.0.1) eth0(10.1.0.1 fd00::1)".
func show(picked []netif) string {
	var words []string
	for _, i := range picked {
		var addrs []string
		for _, a := range i.addrs {
			addrs = append(addrs, a.Addr().String())
		}
		words = append(words, i.name+"("+strings.Join(addrs, " ")+")")
	}
	return strings.Join(words, " ")
}

func TestChoose(t *testing.T) {
	lo := nic("lo", loopback, 0, "127.0.0.1/8", "::1/128")
	docker := nic("docker0", private, 10000, "172.17.0.1/16")
	veth := nic("eth0", virtual, 10000, "10.244.1.7/24")
	ib := nic("ib0", infiniband, 56000, "10.0.0.1/16")
	eth := nic("eth0", hardware, 100000, "10.1.0.1/16", "fd00::1/64")
	slow := nic("eno1", hardware, 1000, "192.168.1.1/24")
	bare := nic("eth9", hardware, 400000)
	for _, c := range []struct {
		name, spec string
		have       []netif
		names      string
		want       string
	}{
		{"ib0 before a faster eth0", "", []netif{lo, eth, ib}, "ib0", "ib0(10.0.0.1) eth0(10.1.0.1 fd00::1)"},
		{"the fastest", "auto", []netif{lo, slow, eth}, "eth0", "eth0(10.1.0.1 fd00::1) eno1(192.168.1.1)"},
		{"unknown speed last", "", []netif{nic("a", hardware, 0, "10.9.0.1/24"), slow}, "eno1", "eno1(192.168.1.1) a(10.9.0.1)"},
		{"ib0 is down", "", []netif{lo, down(ib), slow}, "eno1", "eno1(192.168.1.1)"},
		{"no address", "", []netif{bare, slow}, "eno1", "eno1(192.168.1.1)"},
		{"docker0 is left out", "", []netif{lo, docker, slow}, "eno1", "eno1(192.168.1.1)"},
		{"in a container", "", []netif{lo, docker, veth}, "eth0", "eth0(10.244.1.7)"},
		{"only a tunnel", "", []netif{lo, nic("wg0", private, 0, "10.8.0.2/24")}, "wg0", "wg0(10.8.0.2)"},
		{"only the loopback", "", []netif{lo}, "lo", ""},
		{"nothing", "", nil, "lo", ""},
		{"IPv6 only", "", []netif{nic("eth0", hardware, 1000, "fd00::1/64")}, "eth0", "eth0(fd00::1)"},
		{"two ports", "", []netif{ib, nic("ib1", infiniband, 56000, "10.5.0.1/16"), slow}, "ib0, ib1", "ib0(10.0.0.1) ib1(10.5.0.1) eno1(192.168.1.1)"},
		{"by name", "eno1", []netif{lo, ib, eth, slow}, "eno1", "eno1(192.168.1.1)"},
		{"by names, in that order", "eno1, ib0", []netif{lo, ib, eth, slow}, "eno1", "eno1(192.168.1.1) ib0(10.0.0.1)"},
		{"even docker0", "docker0", []netif{lo, docker, eth}, "docker0", "docker0(172.17.0.1)"},
		{"by network", "10.1.0.0/16", []netif{lo, ib, eth, slow}, "eth0", "eth0(10.1.0.1)"},
		{"by a sloppy network", "10.1.77.7/16", []netif{lo, ib, eth, slow}, "eth0", "eth0(10.1.0.1)"},
		{"by a wide network", "10.0.0.0/8", []netif{lo, ib, eth, slow}, "ib0", "ib0(10.0.0.1) eth0(10.1.0.1)"},
		{"the loopback on request", "127.0.0.0/8", []netif{lo, ib}, "lo", "lo(127.0.0.1)"},
		{"an interface called tcp", "tcp", []netif{nic("tcp", hardware, 0, "10.3.0.1/24")}, "tcp", "tcp(10.3.0.1)"},
	} {
		picked, err := choose(c.spec, c.have)
		if err != nil || show(picked) != c.want || names(picked) != c.names {
			t.Errorf("%s: picked %q, called %q, %v; want %q, %q", c.name, show(picked), names(picked), err, c.want, c.names)
		}
	}
}

func TestChooseRefuses(t *testing.T) {
	have := []netif{nic("lo", loopback, 0, "127.0.0.1/8"), nic("eth0", hardware, 1000, "10.1.0.1/16"),
		down(nic("ib0", infiniband, 0, "10.0.0.1/16")), nic("eth1", hardware, 0)}
	for spec, want := range map[string]string{
		"ib7":         "--net ib7: ib7 is neither an interface here nor a network (10.1.0.0/16); there are lo (127.0.0.1/8), eth0 (10.1.0.1/16), ib0 (down), eth1 (no address)",
		"ib0":         "the interface ib0 is down",
		"eth1":        "the interface eth1 has no address",
		"10.9.0.0/16": "no interface that is up has an address in 10.9.0.0/16; there are lo",
		"10.0.0.0/16": "no interface that is up has an address in 10.0.0.0/16",
		"rdma":        "rdma is not a network",
		"tcp":         "tcp is not a network",
		"eth0,":       "an empty word",
		"eth0,ib7":    "--net eth0,ib7: ib7 is neither",
		"10.1.0.0/99": "10.1.0.0/99 is neither",
	} {
		if _, err := choose(spec, have); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--net %s: %v; want %q", spec, err, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	lo := nic("lo", loopback, 0, "127.0.0.1/8", "::1/128")
	many := nic("eth0", hardware, 0)
	for i := range 20 {
		many.addrs = append(many.addrs, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 8))
	}
	list := addresses([]netif{many, many}, []netif{lo, many})
	if len(list) != maxDoors || !list[maxDoors-1].Addr().IsLoopback() {
		t.Errorf("addresses: %v; want %d and the loopback at the end", list, maxDoors)
	}
	if list := addresses([]netif{lo}, []netif{lo}); len(list) != 2 {
		t.Errorf("addresses of the loopback: %v; want each once", list)
	}
}
