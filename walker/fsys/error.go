package fsys

import (
	"errors"
	"syscall"
)

// Error is a failed operation: what was tried, on which entry, and why.
type Error struct {
	Op   string // a verb: "open", "set owner"
	Path string // the entry's name, or a path where the operation took one
	Err  error  // a syscall.Errno, or one of the errors below
}

// Error is a sentence on one line, whatever bytes the name has.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Op + ": " + e.Err.Error()
	}
	return e.Op + " " + Quote(e.Path) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errno returns the error number in err, 0 if there is none.
func Errno(err error) syscall.Errno {
	var no syscall.Errno
	errors.As(err, &no)
	return no
}

var (
	// ErrFallback is what CopyRange returns when nothing was moved and
	// reading and writing may work where it does not.
	ErrFallback = errors.New("nothing was copied by the kernel; read and write instead")

	// ErrNoProgress is a write that took nothing and gave no reason.
	ErrNoProgress = errors.New("nothing was written, and no reason was given")

	// ErrNoProc is what happens to attributes of symbolic links and special
	// files where /proc is missing.
	ErrNoProc = errors.New("/proc is not mounted: attributes of symbolic links and special files are reached through it")

	// ErrNotSupported is what OS returns on systems other than Linux.
	ErrNotSupported = errors.New("file trees can be copied on Linux only")
)
