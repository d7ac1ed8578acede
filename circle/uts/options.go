package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"gdcp/circle/uts/internal/tree"
)

const usage = `UTS - Unbalanced Tree Search, on circle

usage: uts [parameter value] ...
       mpirun -np N uts [parameter value] ...

Benchmark parameters, as in UTS 2.1:
  -t int    tree type (0: binomial, 1: geometric, 2: hybrid, 3: balanced)
  -b float  root branching factor
  -r int    root seed, 0 <= r < 2^31
  -a int    geometric: tree shape function (0: linear, 1: exponential, 2: cyclic, 3: fixed)
  -d int    geometric, balanced: tree depth
  -q float  binomial: probability of a non-leaf node
  -m int    binomial: number of children of a non-leaf node
  -f float  hybrid: fraction of the depth for the geometric -> binomial transition
  -g int    compute granularity: number of SHA-1 evaluations per node
  -v int    0: one line for machines, 1: for people, 2: also a line per rank

Parameters of this implementation:
  -c int    chunk size: nodes per task
  -i int    interval: nodes that a task visits before it hands on the rest
  -n int    ranks, without a launcher
  -w int    workers per rank
  --transport inproc|mesh   goroutines, or TCP; under a launcher always TCP
  -h        this text

example: uts -t 1 -a 3 -d 10 -b 4 -r 19 -n 4
`

// options is the command line.
type options struct {
	params    tree.Params
	chunk     int
	interval  int
	ranks     int // 0: not given
	workers   int
	transport string // "": not given
	verbose   int
}

const (
	inprocTransport = "inproc"
	meshTransport   = "mesh"
)

// The defaults make tasks of about 0.1 ms, and as many at a time as there are
// levels in the tree. UTS's own chunk of 20 nodes leaves one or two chunks of a
// geometric tree in the queue, of which a thief gets none or one: with it, two
// ranks were 1.4 times as fast as one on T1, with 4 nodes 1.9 times.
const (
	defaultChunk    = 4
	defaultInterval = 1024
)

// errHelp is what parse returns for -h.
var errHelp = errors.New("help asked for")

func parse(args []string) (options, error) {
	o := options{params: tree.Defaults()}
	flags := o.flags()
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return o, errHelp
	case err != nil:
		return o, err
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is no parameter: each has a letter before it, such as -t 1", flags.Arg(0))
	case flags.Changed("ranks") && o.ranks < 1:
		return o, fmt.Errorf("-n %d: want at least 1 rank", o.ranks)
	case !flags.Changed("interval"):
		o.interval = max(1, defaultInterval/max(1, o.params.Granularity))
	}
	return o, o.validate()
}

func (o *options) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("uts", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	p := &o.params
	f.IntVarP((*int)(&p.Kind), "type", "t", int(p.Kind), "")
	f.Float64VarP(&p.Root, "root", "b", p.Root, "")
	f.IntVarP(&p.Seed, "seed", "r", p.Seed, "")
	f.IntVarP((*int)(&p.Shape), "shape", "a", int(p.Shape), "")
	f.IntVarP(&p.Depth, "depth", "d", p.Depth, "")
	f.Float64VarP(&p.Prob, "prob", "q", p.Prob, "")
	f.IntVarP(&p.Children, "children", "m", p.Children, "")
	f.Float64VarP(&p.Shift, "shift", "f", p.Shift, "")
	f.IntVarP(&p.Granularity, "granularity", "g", p.Granularity, "")
	f.IntVarP(&o.verbose, "verbose", "v", 1, "")
	f.IntVarP(&o.chunk, "chunk", "c", defaultChunk, "")
	f.IntVarP(&o.interval, "interval", "i", 0, "")
	f.IntVarP(&o.ranks, "ranks", "n", 0, "")
	f.IntVarP(&o.workers, "workers", "w", 1, "")
	f.StringVar(&o.transport, "transport", "", "")
	return f
}

// maxChunk keeps a chunk well below what circle takes for a task.
const maxChunk = 10_000

func (o options) validate() error {
	switch {
	case o.chunk < 1 || o.chunk > maxChunk:
		return fmt.Errorf("-c %d: want a chunk size between 1 and %d nodes", o.chunk, maxChunk)
	case o.interval < 1:
		return fmt.Errorf("-i %d: want an interval of at least 1 node", o.interval)
	case o.ranks > maxRanks:
		return fmt.Errorf("-n %d: want at most %d ranks in one process", o.ranks, maxRanks)
	case o.workers < 1:
		return fmt.Errorf("-w %d: want at least 1 worker", o.workers)
	case o.verbose < 0:
		return fmt.Errorf("-v %d: want 0, 1 or 2", o.verbose)
	case o.transport != "" && o.transport != inprocTransport && o.transport != meshTransport:
		return fmt.Errorf("--transport %s: want %s or %s", o.transport, inprocTransport, meshTransport)
	}
	return o.params.Validate()
}

// maxRanks bounds -n: every rank of it is a few goroutines of one machine.
const maxRanks = 4096
