package mesh

import (
	"net"
	"slices"
	"testing"
	"testing/fstest"
)

func TestClassify(t *testing.T) {
	sys := fstest.MapFS{}
	file := func(path, content string) { sys[path] = &fstest.MapFile{Data: []byte(content)} }
	for name, arp := range map[string]string{
		"lo": "772", "eth0": "1", "ib0": "32", "ib0.8001": "32", "bond0": "1", "eth0.7": "1", "br0": "1",
		"docker0": "1", "veth1": "1", "tun0": "65534", "wg0": "65534", "ib1": "32", "loop1": "1", "loop2": "1",
	} {
		file(name+"/type", arp+"\n")
	}
	file("eth0/device/vendor", "0x15b3\n")
	file("ib0/device/vendor", "0x15b3\n")
	file("bond0/lower_eth0/x", "")
	file("eth0.7/lower_bond0/x", "")
	file("br0/lower_eth0.7/x", "")
	file("br0/bridge/bridge_id", "")
	file("docker0/lower_veth1/x", "")
	file("docker0/bridge/bridge_id", "")
	file("loop1/lower_loop2/x", "") // never seen; must not hang
	file("loop2/lower_loop1/x", "")

	flags := map[string]net.Flags{"lo": net.FlagLoopback, "wg0": net.FlagPointToPoint}
	for name, want := range map[string]class{
		"lo": loopback, "eth0": hardware, "ib0": infiniband, "ib0.8001": infiniband, "bond0": hardware,
		"eth0.7": hardware, "br0": hardware, "docker0": private, "veth1": virtual, "tun0": private, "wg0": private,
		"loop1": virtual, "en0 without sysfs": hardware,
	} {
		if got := classify(sys, name, flags[name]); got != want {
			t.Errorf("%s: class %d, want %d", name, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	sys := fstest.MapFS{
		"a/speed": {Data: []byte("100000\n")},
		"b/speed": {Data: []byte("-1\n")},
		"c/speed": {Data: []byte("fast\n")},
	}
	for path, want := range map[string]int{"a/speed": 100000, "b/speed": -1, "c/speed": 0, "d/speed": 0} {
		if got := number(sys, path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}

func TestUsable(t *testing.T) {
	parse := func(s string) net.Addr {
		ip, n, err := net.ParseCIDR(s)
		if err != nil {
			t.Fatal(err)
		}
		return &net.IPNet{IP: ip, Mask: n.Mask}
	}
	var got []string
	for _, p := range usable([]net.Addr{
		parse("fe80::1/64"), parse("fd00::1/64"), parse("169.254.3.4/16"), parse("10.1.2.3/16"), &net.UnixAddr{Name: "x"},
	}) {
		got = append(got, p.String())
	}
	if want := []string{"10.1.2.3/16", "fd00::1/64"}; !slices.Equal(got, want) {
		t.Errorf("usable: %v, want %v", got, want)
	}
}

// TestInterfaces looks at this host, which has at least a loopback.
func TestInterfaces(t *testing.T) {
	have, err := interfaces()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(have, func(i netif) bool { return i.class == loopback && i.up && len(i.addrs) > 0 })
	if i < 0 {
		t.Errorf("no loopback found among %s", describe(have))
	}
}
