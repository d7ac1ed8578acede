package fault

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"syscall"

	"gdcp/walker/fsys"
)

// Op is an operation that is about to be made.
type Op struct {
	N    int    // how many operations there were before it, on this FS
	Verb string // the Op of the *fsys.Error that it would fail with
	Path string // the path given to Root, and the names below it
	Off  int64  // where it reads, writes or copies, in bytes
}

// Effect is what becomes of an operation.
type Effect struct {
	// Err is what it fails with: a syscall.Errno, which comes out in an
	// *fsys.Error, or any other error, which comes out as it is.
	Err error
	// Late makes the operation all the same, and has it fail afterwards.
	Late bool
	// Most is how many bytes it reads, writes or copies at most, if that is
	// more than 0.
	Most int
	// NoKinds makes a listing keep the kinds of its entries to itself.
	NoKinds bool
}

// Injector chooses what becomes of an operation. It is called by any number of
// goroutines at once.
type Injector func(Op) Effect

// FS is a file system whose operations can fail. It is safe for concurrent use,
// as far as what it wraps is.
type FS struct {
	under  fsys.FS
	inject Injector

	mu    sync.Mutex // guards all below
	ops   int
	verbs map[string]int
	dead  bool
}

var _ fsys.FS = (*FS)(nil)

// New wraps a file system. Without an Injector it only counts.
func New(under fsys.FS, inject Injector) *FS {
	if inject == nil {
		inject = func(Op) Effect { return Effect{} }
	}
	return &FS{under: under, inject: inject, verbs: make(map[string]int)}
}

// Ops is the number of operations so far.
func (f *FS) Ops() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ops
}

// Count is the number of operations so far, by verb.
func (f *FS) Count() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.verbs)
}

// Kill makes all operations fail from now on, with EIO: what a process does no
// more that has died.
func (f *FS) Kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
}

// next counts an operation, and asks what becomes of it.
func (f *FS) next(op Op) Effect {
	f.mu.Lock()
	op.N = f.ops
	f.ops++
	f.verbs[op.Verb]++
	dead := f.dead
	f.mu.Unlock()
	if dead {
		return Effect{Err: syscall.EIO}
	}
	return f.inject(op)
}

// do makes an operation, or not.
func (f *FS) do(op Op, call func(Effect) error) error {
	e := f.next(op)
	if e.Err != nil && !e.Late {
		return op.failed(e.Err)
	}
	if err := call(e); err != nil {
		return err
	}
	return op.failed(e.Err)
}

// failed is the error of an operation.
func (op *Op) failed(err error) error {
	var no syscall.Errno
	if !errors.As(err, &no) {
		return err
	}
	return &fsys.Error{Op: op.Verb, Path: op.Path[strings.LastIndexByte(op.Path, '/')+1:], Err: no}
}

// Root implements fsys.FS.
func (f *FS) Root(path string, follow bool) (fsys.Dir, error) {
	return f.dir(Op{Verb: "open directory", Path: path}, func() (fsys.Dir, error) { return f.under.Root(path, follow) })
}

// Stat implements fsys.FS.
func (f *FS) Stat(path string, follow bool) (st fsys.Stat, err error) {
	err = f.do(Op{Verb: "stat", Path: path}, func(Effect) (err error) { st, err = f.under.Stat(path, follow); return err })
	return st, err
}

// dir opens a directory, and wraps it.
func (f *FS) dir(op Op, open func() (fsys.Dir, error)) (fsys.Dir, error) {
	var d fsys.Dir
	err := f.do(op, func(Effect) (err error) { d, err = open(); return err })
	if err == nil {
		return &dir{attributed{f, op.Path, d}, d}, nil
	}
	if d != nil {
		_ = d.Close() // it was opened, and then said not to be
	}
	return nil, err
}
