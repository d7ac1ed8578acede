package mesh

import (
	"fmt"
	"strings"
	"testing"
)

func TestRoute(t *testing.T) {
	self := card{node: nodeID{1}, doors: doors("10.0.0.1/16 1", "192.168.0.1/24 1", "127.0.0.1/8 1")}
	for _, c := range []struct {
		name string
		node byte
		peer []door
		want string
	}{
		{"the same node", 1, doors("10.0.0.1/16 2", "127.0.0.1/8 3"), "127.0.0.1:3 10.0.0.1:2"},
		{"another node", 2, doors("10.0.0.2/16 2", "127.0.0.1/8 3"), "10.0.0.2:2"},
		{"its order within a network", 2, doors("10.0.0.2/16 2", "192.168.0.2/24 2"), "10.0.0.2:2 192.168.0.2:2"},
		{"a shared network first", 2, doors("10.7.0.2/16 2", "192.168.0.2/24 2"), "192.168.0.2:2 10.7.0.2:2"},
		{"a family of ours first", 2, doors("fd00::2/64 2", "10.7.0.2/16 2"), "10.7.0.2:2 [fd00::2]:2"},
		{"addresses of ours left out", 2, doors("192.168.0.1/24 2", "10.0.0.2/16 2"), "10.0.0.2:2"},
		{"only its loopback", 2, doors("127.0.0.1/8 3"), ""},
	} {
		var got []string
		for _, a := range route(self, card{node: nodeID{c.node}, doors: c.peer}) {
			got = append(got, a.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestCheckRoutes(t *testing.T) {
	here := card{node: nodeID{1}, doors: doors("10.0.0.1/16 1", "127.0.0.1/8 1")}
	local := card{node: nodeID{1}, doors: doors("127.0.0.1/8 1")}
	there := func(list ...string) card { return card{node: nodeID{2}, doors: doors(list...)} }
	const hint = ": say with --net which interface or network connects the hosts"
	for _, c := range []struct {
		name        string
		self, other card
		want        string
	}{
		{"fine", here, there("10.0.0.2/16 1"), ""},
		{"the same node", here, local, ""},
		{"all on one node", local, local, ""},
		{"its loopback only", here, there("127.0.0.1/8 2"), "rank 1 is on another host, and that one listens on its loopback only" + hint},
		{"our loopback only", local, there("10.0.0.2/16 1"), "rank 1 is on another host, and this rank listens on its loopback only" + hint},
		{"our address", here, there("10.0.0.1/16 2"), "rank 1 is on another host, and the addresses of both are the same" + hint},
	} {
		err := checkRoutes(c.self, []card{c.self, c.other})
		if got := fmt.Sprint(err); got != c.want && (err != nil || c.want != "") {
			t.Errorf("%s: %v; want %q", c.name, got, c.want)
		}
	}
}
