package circle

import "slices"

// lifelines returns the ranks on which rank waits for work in a job of size
// ranks: the next one of the ring of the living, which alone gives every rank
// a way to every other, and those that differ from it in one bit (a hypercube,
// cut at size), which makes the ways short: about log2(size) steps. A lost or
// missing rank is replaced by the next living one.
func lifelines(rank, size int, lost func(int) bool) []int {
	var out []int
	add := func(r int) {
		if l := living(r, rank, size, lost); l != noRank && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	add(rank + 1)
	for bit := 1; bit < size; bit <<= 1 {
		add(rank ^ bit)
	}
	return out
}

// living returns the first rank from l upwards, around the end, that is
// neither lost nor self; noRank if there is none.
func living(l, self, size int, lost func(int) bool) int {
	for i := range size {
		r := (l + i) % size
		if r != self && !lost(r) {
			return r
		}
	}
	return noRank
}

// victims chooses whom to ask: any rank but this one, each as likely, by
// xorshift64* (Vigna 2016; statistical quality is enough here, 8 bytes of
// state matter with many ranks in one simulator).
type victims uint64

func newVictims(seed uint64, rank int) victims {
	x := seed ^ (uint64(rank)+1)*0x9E3779B97F4A7C15 // golden ratio: seeds differ in many bits
	x ^= x >> 31
	x *= 0xD6E8FEB86659FD93
	x ^= x >> 32
	if x == 0 {
		x = 1
	}
	return victims(x)
}

// next returns a rank of size that is not self. size is at least 2.
func (v *victims) next(self, size int) int {
	x := uint64(*v)
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	*v = victims(x)
	r := int((x * 0x2545F4914F6CDD1D >> 33) % uint64(size-1))
	if r >= self {
		r++
	}
	return r
}
