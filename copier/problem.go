package copier

import (
	"errors"
	"io/fs"
	"syscall"

	"gdcp/walker/fsys"
)

// Class is what a Problem means for the copy.
type Class string

// The classes.
const (
	Failed   Class = "failed"   // the path is not, or not wholly, at the destination
	Lossy    Class = "lossy"    // it is, but lacks an attribute
	Vanished Class = "vanished" // the source was gone when its turn came
	Changed  Class = "changed"  // the source changed while it was copied
)

// Problem is something that went wrong with one path.
type Problem struct {
	Class Class
	Path  string // the source's, as the user would write it; any bytes
	Op    string // a verb and its object: "write", "set owner"
	Cause string
	Rank  int
	Host  string // the rank's node
}

// String is the problem as a sentence on one line.
func (p Problem) String() string {
	return fsys.Quote(p.Path) + ": " + p.Group()
}

// Group is what problems of the same kind have in common.
func (p Problem) Group() string {
	if p.Op == "" {
		return p.Cause
	}
	return p.Op + ": " + p.Cause
}

// Done is a path that was dealt with.
type Done struct {
	Src, Dst string // any bytes
	Kind     fsys.Kind
	Dry      bool // it would be
}

// What a report to rank 0 is about.
const (
	reportProblem = 'p'
	reportDone    = 'd'
)

func (p *Problem) encode() []byte {
	var w writer
	w.byte(reportProblem)
	w.string(string(p.Class))
	w.string(p.Path)
	w.string(p.Op)
	w.string(p.Cause)
	w.string(p.Host)
	return w.b
}

func (d *Done) encode() []byte {
	var w writer
	w.byte(reportDone)
	w.string(d.Src)
	w.string(d.Dst)
	w.byte(byte(d.Kind))
	w.bool(d.Dry)
	return w.b
}

// deliver gives a report of a rank to the Observer.
func deliver(o Observer, rank int, b []byte) error {
	r := reader{b: b}
	switch r.byte() {
	case reportProblem:
		p := Problem{Class: Class(r.string()), Path: r.string(), Op: r.string(), Cause: r.string(), Host: r.string(), Rank: rank}
		if err := r.end(); err != nil {
			return err
		}
		o.Problem(p)
	case reportDone:
		d := Done{Src: r.string(), Dst: r.string(), Kind: fsys.Kind(r.byte()), Dry: r.bool()}
		if err := r.end(); err != nil {
			return err
		}
		o.Done(d)
	default:
		return errWire
	}
	return nil
}

// stepError is an error with the operation that it stopped, where the error
// does not say that by itself.
type stepError struct {
	op  string
	err error
}

func (e *stepError) Error() string { return e.op + ": " + e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

func step(op string, err error) error {
	if err == nil {
		return nil
	}
	return &stepError{op, err}
}

// explain splits an error into what was tried and why it failed.
func explain(err error) (op, cause string) {
	var s *stepError
	if errors.As(err, &s) {
		op = s.op
	}
	var f *fsys.Error
	if errors.As(err, &f) {
		if op == "" {
			op = f.Op
		}
		return op, f.Err.Error()
	}
	if s != nil {
		return op, s.err.Error()
	}
	return "", err.Error()
}

// gone tells whether an error means that a path is not there any more.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || fsys.Errno(err) == syscall.ESTALE
}
