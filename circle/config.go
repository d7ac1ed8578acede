package circle

import "fmt"

// Config describes one rank's Node. Only Rank and Size have to be set.
type Config struct {
	Rank, Size int

	// Root is the body of the root task, on rank 0. It is not used where the
	// Handler is a Greeter, which then makes the body.
	Root []byte

	// Seed varies the choice of victims. Every rank mixes in its number.
	Seed uint64
	// Tries is how many victims a thief asks before it waits on its
	// lifelines. Default 2.
	Tries int

	// MaxDealTasks and MaxDealBytes bound the tasks, and the sum of their
	// bodies in bytes, of one deal; a single task is always dealt. Defaults
	// 256 and 256 KiB.
	MaxDealTasks, MaxDealBytes int

	// MaxQueue and MaxQueueBytes bound what Spawn may queue on this rank, in
	// tasks and in bytes of bodies; beyond, it runs the child at once. Deals
	// and what comes back from lost ranks can come on top. Defaults 4096 and
	// 16 MiB.
	MaxQueue, MaxQueueBytes int

	// Combine folds results (see Combiner, from which Run sets it), as soon
	// as a task holds MaxResults of them. Default nil (never) and 64.
	Combine    func(results [][]byte) []byte
	MaxResults int
}

// MaxBody is the longest body of a task, result, question, card or report, in
// bytes. A longer one is a bug of the Handler, and panics.
const MaxBody = 1 << 20

func (c Config) withDefaults() Config {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.Tries, 2)
	def(&c.MaxDealTasks, 256)
	def(&c.MaxDealBytes, 256<<10)
	def(&c.MaxQueue, 4096)
	def(&c.MaxQueueBytes, 16<<20)
	def(&c.MaxResults, 64)
	return c
}

func (c Config) validate() error {
	switch {
	case c.Size < 1 || c.Size > maxRanks:
		return fmt.Errorf("a job of %d ranks: want 1 to %d", c.Size, maxRanks)
	case c.Rank < 0 || c.Rank >= c.Size:
		return fmt.Errorf("rank %d of a job of %d ranks", c.Rank, c.Size)
	case c.Tries < 0, c.MaxDealTasks < 1, c.MaxDealBytes < 1, c.MaxQueue < 1, c.MaxQueueBytes < 1, c.MaxResults < 2:
		return fmt.Errorf("a bound is too small: %+v", c)
	case c.MaxDealTasks > maxWireTasks || c.MaxDealBytes > MaxMessage/2:
		return fmt.Errorf("a deal of %d tasks, %d bytes does not fit a message", c.MaxDealTasks, c.MaxDealBytes)
	case len(c.Root) > MaxBody:
		return fmt.Errorf("a root of %d bytes: at most %d", len(c.Root), MaxBody)
	}
	return nil
}
