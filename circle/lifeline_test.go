package circle

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLifelinesConnect checks that work gets from every living rank to every
// other one by lifelines alone, whoever is lost, and that a rank has few.
func TestLifelinesConnect(t *testing.T) {
	for size := 1; size <= 300; size++ {
		rng := rand.New(rand.NewPCG(uint64(size), 0))
		for _, share := range []float64{0, 0, 0.02, 0.3, 0.9, 0.99} {
			lost := make([]bool, size)
			for r := range lost {
				lost[r] = r > 0 && rng.Float64() < share
			}
			checkLifelines(t, size, lost)
		}
	}
}

func checkLifelines(t *testing.T, size int, lost []bool) {
	t.Helper()
	forth, back := make([][]int, size), make([][]int, size)
	alive := 0
	for r := range size {
		if lost[r] {
			continue
		}
		alive++
		forth[r] = lifelines(r, size, func(r int) bool { return lost[r] })
		if most := bits.Len(uint(size)) + 1; len(forth[r]) > most {
			t.Errorf("size %d: rank %d has %d lifelines, want at most %d", size, r, len(forth[r]), most)
		}
		seen := make(map[int]bool)
		for _, l := range forth[r] {
			if l == r || l < 0 || l >= size || lost[l] || seen[l] {
				t.Fatalf("size %d, lost %v: rank %d has lifelines %v", size, lost, r, forth[r])
			}
			seen[l] = true
			back[l] = append(back[l], r)
		}
	}
	// Every rank is reached from rank 0, and rank 0 from every rank.
	for _, lines := range [][][]int{forth, back} {
		if n := reached(lines); n != alive {
			t.Errorf("size %d, lost %v: %d of %d ranks are connected", size, lost, n, alive)
		}
	}
}

// reached is how many ranks there are on the ways from rank 0.
func reached(lines [][]int) int {
	seen := map[int]bool{0: true}
	todo := []int{0}
	for len(todo) > 0 {
		r := todo[0]
		todo = todo[1:]
		for _, l := range lines[r] {
			if !seen[l] {
				seen[l] = true
				todo = append(todo, l)
			}
		}
	}
	return len(seen)
}

// TestLifelinesAreShort checks that work gets far in few steps: a chain of
// wake-ups through all ranks would take seconds at size.
func TestLifelinesAreShort(t *testing.T) {
	for _, size := range []int{64, 100, 1000, 4096} {
		steps, seen, todo := 0, map[int]bool{0: true}, []int{0}
		for ; len(seen) < size; steps++ {
			var next []int
			for _, r := range todo {
				for _, l := range lifelines(r, size, func(int) bool { return false }) {
					if !seen[l] {
						seen[l] = true
						next = append(next, l)
					}
				}
			}
			todo = next
		}
		if most := bits.Len(uint(size)) + 1; steps > most {
			t.Errorf("%d ranks: %d steps, want at most %d", size, steps, most)
		}
	}
}

// TestVictims checks that a thief asks every other rank, and about as often.
func TestVictims(t *testing.T) {
	for _, size := range []int{2, 3, 5, 17, 64} {
		for _, self := range []int{0, 1, size - 1} {
			v := newVictims(7, self)
			got := make([]int, size)
			const each = 2000
			for range each * (size - 1) {
				got[v.next(self, size)]++
			}
			if got[self] != 0 {
				t.Errorf("rank %d of %d asks itself", self, size)
			}
			got = slices.Delete(got, self, self+1)
			// The deviation is 45 (a binomial's): seven of them never happen.
			if low, high := slices.Min(got), slices.Max(got); low < each-315 || high > each+315 {
				t.Errorf("rank %d of %d asks others %d to %d times, want about %d", self, size, low, high, each)
			}
		}
	}
}

// TestVictimsDiffer checks that ranks, and jobs of different seeds, do not all
// ask the same ranks at the same time.
func TestVictimsDiffer(t *testing.T) {
	const size, ranks = 1000, 100
	first := make(map[int]int)
	for r := range ranks {
		for seed := range uint64(10) {
			v := newVictims(seed, r)
			first[v.next(r, size)]++
		}
	}
	for victim, n := range first {
		if n > 12 { // of 1,000 draws from 1,000
			t.Errorf("rank %d is the first victim of %d of 1,000", victim, n)
		}
	}
}
