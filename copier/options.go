package copier

import (
	"fmt"

	"gdcp/copier/attrs"
	"gdcp/walker/fsys"
)

// Options say what to copy and how. Every rank of a job has the same, but for
// Host, SyncHere and Observer.
type Options struct {
	FS fsys.FS // default fsys.OS

	Sources []string // as the user wrote them: a slash at the end means something
	Dest    string
	// NoTargetDir (-T): Dest is the copy's name, whatever exists.
	NoTargetDir bool
	// Follow (-L) copies what symbolic links point to.
	Follow bool
	// Attrs says what is preserved besides the data.
	Attrs attrs.Config

	// BufSize is the size of a worker's buffer in bytes. Default 1 MiB.
	BufSize int
	// Chunk is the length of a segment of a large file in bytes, a multiple
	// of 4096. 0 chooses by the size of the file and the number of ranks.
	Chunk int64

	// DryRun says what would be done and touches nothing. Verbose tells the
	// Observer of every path.
	DryRun, Verbose bool

	// Ranks is the number of ranks of the job. Host is this rank's node, for
	// messages. SyncHere is set on one rank of each node: the one that makes
	// what the node has written durable.
	Ranks    int
	Host     string
	SyncHere bool

	// Observer hears what happens, on rank 0. It may be nil elsewhere.
	Observer Observer
}

// Limits of Options.
const (
	MinBufSize = 4 << 10
	MaxBufSize = 1 << 30
	MinChunk   = 64 << 10
)

// withDefaults returns o with its zero values filled in, or says which value
// cannot be.
func (o Options) withDefaults() (Options, error) {
	if o.FS == nil {
		o.FS = fsys.OS{}
	}
	if o.BufSize == 0 {
		o.BufSize = 1 << 20
	}
	o.Ranks = max(o.Ranks, 1)
	switch {
	case o.BufSize < MinBufSize || o.BufSize > MaxBufSize:
		return o, fmt.Errorf("a buffer of %d bytes: want %d to %d", o.BufSize, MinBufSize, MaxBufSize)
	case o.Chunk != 0 && (o.Chunk < MinChunk || o.Chunk%4096 != 0):
		return o, fmt.Errorf("segments of %d bytes: want at least %d, a multiple of 4096", o.Chunk, MinChunk)
	}
	return o, nil
}

// Observer hears of a job on rank 0. Its methods are called one at a time.
type Observer interface {
	// Planned is called once, before anything is written, with what will be
	// copied where.
	Planned(roots []Root)
	// Problem is something that was not copied, or not wholly. The same
	// problem may come twice after the loss of a rank.
	Problem(p Problem)
	// Done is a path that was dealt with. Only with Verbose.
	Done(d Done)
	// Progress is called a few times a second with each rank's counters so
	// far, by rank. They are for show: Tally is what counts.
	Progress(byRank []Counters)
}

// Counters are what one rank has done so far. Work that is done again after
// the loss of a rank counts twice here.
type Counters struct {
	Found  int64 // entries found in listings
	Items  int64 // entries finished, of any kind
	Bytes  int64 // bytes of data written
	Failed int64 // problems
}
