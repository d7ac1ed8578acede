package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"gdcp/cmd/internal/units"
	"gdcp/copier"
	"gdcp/copier/attrs"
)

// options is the command line.
type options struct {
	sources []string
	dest    string

	preserve attrs.Set
	xattrs   string // -X's word
	filter   attrs.Filter

	follow, noTargetDir, dryRun, verbose, quiet bool

	workers       int
	bufSize       int64 // bytes
	chunk         int64 // bytes; 0 chooses
	net           string
	progress      time.Duration // 0 is never
	progressGiven bool
	errorsFile    string
	statsFile     string

	help, version, man bool
}

// defaultWorkers is how many things a rank copies at a time. It is decided by
// what file systems need to be busy, not by cores: most of the time a worker
// waits. With fewer than 8, one rank leaves a disk or a file server idle while
// it creates small files; what more of them bring depends on the file system.
const defaultWorkers = 8

// maxWorkers bounds -w, and with it buffers and threads.
const maxWorkers = 1024

// maxProgress is a day in seconds.
const maxProgress = 24 * 60 * 60

// defaultBufSize is -b's: large enough that a system call costs nothing beside
// what it moves, small enough for the processor's cache.
const defaultBufSize = 1 << 20

// parse reads the command line. Errors are *usageError.
func parse(args []string) (options, error) {
	var o options
	f := newFlags(&o)
	if err := f.set.Parse(args); err != nil {
		return o, explainFlags(f.set, err)
	}
	if o.help || o.version || o.man {
		return o, nil
	}
	for _, check := range []func(*pflag.FlagSet) error{
		f.preserved, f.checkXattrs, f.checkNumbers, f.checkOutput, f.operands,
	} {
		if err := check(f.set); err != nil {
			return o, err
		}
	}
	return o, nil
}

// flags are the options with the values that are only looked at when all of
// them have been read.
type flags struct {
	*options
	set                  *pflag.FlagSet
	preserve, noPreserve []string
	progressSeconds      int
}

func newFlags(o *options) *flags {
	f := &flags{options: o, set: pflag.NewFlagSet("gdcp", pflag.ContinueOnError)}
	s := f.set
	s.SetOutput(io.Discard)
	s.Usage = func() {}
	s.SortFlags = false
	s.StringArrayVarP(&f.preserve, "preserve", "p", nil, "")
	s.Lookup("preserve").NoOptDefVal = "all"
	s.StringArrayVar(&f.noPreserve, "no-preserve", nil, "")
	s.StringVarP(&o.xattrs, "xattrs", "X", "non-lustre", "")
	s.VarP(&choice{&o.follow, true}, "dereference", "L", "")
	s.VarP(&choice{&o.follow, false}, "no-dereference", "P", "")
	s.Lookup("dereference").NoOptDefVal = "true"
	s.Lookup("no-dereference").NoOptDefVal = "true"
	s.BoolVarP(&o.noTargetDir, "no-target-directory", "T", false, "")
	s.BoolVarP(&o.dryRun, "dry-run", "n", false, "")
	s.IntVarP(&o.workers, "workers", "w", defaultWorkers, "")
	o.bufSize = defaultBufSize
	s.VarP(&size{&o.bufSize}, "bufsize", "b", "")
	s.VarP(&size{&o.chunk}, "chunksize", "k", "")
	s.StringVar(&o.net, "net", "", "")
	s.BoolVarP(&o.verbose, "verbose", "v", false, "")
	s.BoolVarP(&o.quiet, "quiet", "q", false, "")
	s.IntVar(&f.progressSeconds, "progress", 0, "")
	s.StringVar(&o.errorsFile, "errors", "", "")
	s.StringVar(&o.statsFile, "stats", "", "")
	s.BoolVar(&o.help, "help", false, "")
	s.BoolVar(&o.version, "version", false, "")
	s.BoolVar(&o.man, "man", false, "") // for go generate
	s.MarkHidden("man")                 //nolint:errcheck // it is there
	return f
}

// size is a flag's value in bytes.
type size struct{ n *int64 }

func (s *size) String() string { return "" }
func (s *size) Type() string   { return "size" }

func (s *size) Set(text string) (err error) {
	*s.n, err = units.ParseSize(text)
	return err
}

// choice is one of two flags of which the last one counts.
type choice struct {
	target *bool
	value  bool
}

func (c *choice) String() string   { return "" }
func (c *choice) Type() string     { return "bool" }
func (c *choice) IsBoolFlag() bool { return true }

func (c *choice) Set(text string) error {
	if text != "true" {
		return errors.New("it takes no value")
	}
	*c.target = c.value
	return nil
}

// preserved works out what is preserved: all, or what --preserve says, less
// what --no-preserve says.
func (f *flags) preserved(*pflag.FlagSet) error {
	f.options.preserve = attrs.All
	if len(f.preserve) > 0 {
		f.options.preserve = 0
	}
	for _, list := range f.preserve {
		set, err := attrs.ParseSet(list)
		if err != nil {
			return &usageError{what: "--preserve=" + list + ": " + err.Error()}
		}
		if set.Has(attrs.Links) && set != attrs.All {
			return &usageError{
				what: "--preserve=" + list + ": hard links are not in this version yet",
				hint: "leave links out: each name of a file becomes a file of its own",
			}
		}
		f.options.preserve |= set
	}
	for _, list := range f.noPreserve {
		set, err := attrs.ParseSet(list)
		if err != nil {
			return &usageError{what: "--no-preserve=" + list + ": " + err.Error()}
		}
		f.options.preserve &^= set
	}
	return nil
}

func (f *flags) checkXattrs(s *pflag.FlagSet) (err error) {
	if s.Changed("xattrs") && f.xattrs != "none" && !f.options.preserve.Has(attrs.Xattrs) {
		return &usageError{
			what: "-X " + f.xattrs + " goes along with preserving xattr, which is left out",
			hint: "add xattr to --preserve, or leave -X out",
		}
	}
	var conf []byte
	if f.xattrs == "libattr" {
		if conf, err = attrs.ReadConf(); err != nil {
			return &usageError{what: "-X libattr: " + err.Error()}
		}
	}
	if f.filter, err = attrs.ParseFilter(f.xattrs, conf); err != nil {
		return &usageError{what: "-X " + f.xattrs + ": " + err.Error()}
	}
	return nil
}

func (f *flags) checkNumbers(s *pflag.FlagSet) error {
	switch {
	case f.workers < 1 || f.workers > maxWorkers:
		return usage("-w %d: want 1 to %d workers", f.workers, maxWorkers)
	case f.bufSize < copier.MinBufSize || f.bufSize > copier.MaxBufSize:
		return usage("-b: a buffer of %s: want %s to %s", exactly(f.bufSize), units.Size(copier.MinBufSize), units.Size(copier.MaxBufSize))
	case s.Changed("chunksize") && f.chunk < copier.MinChunk:
		return usage("-k: segments of %s: want at least %s", exactly(f.chunk), units.Size(copier.MinChunk))
	case f.chunk%4096 != 0:
		return usage("-k: segments of %s: want a multiple of 4 KiB", exactly(f.chunk))
	case f.progressSeconds < 0 || f.progressSeconds > maxProgress:
		return usage("--progress %d: want 0 (never) to %d seconds", f.progressSeconds, maxProgress)
	}
	f.progress = time.Duration(f.progressSeconds) * time.Second
	f.progressGiven = s.Changed("progress")
	return nil
}

// exactly writes a size that is wrong to the byte.
func exactly(n int64) string { return units.Things(n, "byte", "bytes") }

func (f *flags) checkOutput(s *pflag.FlagSet) error {
	for _, name := range []string{"errors", "stats", "net"} {
		if s.Changed(name) && s.Lookup(name).Value.String() == "" {
			return usage("--%s: the value is empty", name)
		}
	}
	switch {
	case f.quiet && f.verbose:
		return usage("-q and -v contradict each other")
	case f.errorsFile != "" && f.errorsFile == f.statsFile:
		return usage("--errors and --stats name the same file")
	}
	return nil
}

func (f *flags) operands(s *pflag.FlagSet) error {
	args := s.Args()
	for i, a := range args {
		if a == "" {
			return usage("argument %d of SRC and DEST is empty", i+1)
		}
	}
	switch len(args) {
	case 0:
		return usageHint("SRC and DEST are missing")
	case 1:
		return usageHint("DEST is missing after %s", strconv.Quote(args[0]))
	}
	f.sources, f.dest = args[:len(args)-1], args[len(args)-1]
	return nil
}

func usageHint(format string, args ...any) error {
	return &usageError{what: fmt.Sprintf(format, args...), hint: "gdcp --help says how it is called"}
}
