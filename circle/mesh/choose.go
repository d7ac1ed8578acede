package mesh

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// choose picks the interfaces to listen on, best first, with only those
// addresses that are wanted; spec is Config.Net. By itself it may pick none:
// a job on one host needs no more than the loopback.
func choose(spec string, have []netif) ([]netif, error) {
	if spec == "" || spec == "auto" {
		return chooseAuto(have), nil
	}
	var picked []netif
	for word := range strings.SplitSeq(spec, ",") {
		some, err := chooseWord(strings.TrimSpace(word), have)
		if err != nil {
			return nil, fmt.Errorf("--net %s: %w", spec, err)
		}
		picked = append(picked, some...)
	}
	return picked, nil
}

// chooseAuto picks IPoIB and the hosts' cards, in that order and the fastest
// first. Only where there is none does it turn to what is virtual: docker0 has
// the same network on every host, and leads nowhere.
func chooseAuto(have []netif) []netif {
	good := slices.DeleteFunc(slices.Clone(have), func(i netif) bool {
		return !i.up || len(i.addrs) == 0 || i.class == loopback
	})
	slices.SortStableFunc(good, func(a, b netif) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.speed, a.speed))
	})
	if len(good) == 0 {
		return nil
	}
	worst := max(good[0].class, hardware)
	return slices.DeleteFunc(good, func(i netif) bool { return i.class > worst })
}

// chooseWord picks what one word of --net names.
func chooseWord(word string, have []netif) ([]netif, error) {
	if i := slices.IndexFunc(have, func(i netif) bool { return i.name == word }); i >= 0 {
		return chooseNamed(have[i])
	}
	if p, err := netip.ParsePrefix(word); err == nil {
		return chooseNetwork(p.Masked(), have)
	}
	switch word {
	case "":
		return nil, errors.New("an empty word in the list")
	case "rdma", "tcp":
		return nil, fmt.Errorf("%s is not a network: give auto, an interface (ib0) or a network (10.1.0.0/16); all links are TCP so far", word)
	}
	return nil, fmt.Errorf("%s is neither an interface here nor a network (10.1.0.0/16); there are %s", word, describe(have))
}

func chooseNamed(i netif) ([]netif, error) {
	switch {
	case !i.up:
		return nil, fmt.Errorf("the interface %s is down", i.name)
	case len(i.addrs) == 0:
		return nil, fmt.Errorf("the interface %s has no address that other hosts could dial", i.name)
	}
	return []netif{i}, nil
}

func chooseNetwork(p netip.Prefix, have []netif) ([]netif, error) {
	var picked []netif
	for _, i := range have {
		i.addrs = slices.DeleteFunc(slices.Clone(i.addrs), func(a netip.Prefix) bool { return !p.Contains(a.Addr()) })
		if i.up && len(i.addrs) > 0 {
			picked = append(picked, i)
		}
	}
	if len(picked) == 0 {
		return nil, fmt.Errorf("no interface that is up has an address in %v; there are %s", p, describe(have))
	}
	return picked, nil
}

// describe lists what there is to choose from.
func describe(have []netif) string {
	var words []string
	for _, i := range have {
		state := "down"
		if i.up {
			state = "no address"
		}
		if i.up && len(i.addrs) > 0 {
			state = i.addrs[0].String()
		}
		words = append(words, fmt.Sprintf("%s (%s)", i.name, state))
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
