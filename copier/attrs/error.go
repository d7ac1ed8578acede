package attrs

import "gdcp/walker/fsys"

// Error is one attribute that could not be read or set. errors.Is with
// errors.ErrUnsupported tells that the file system has no such attribute
// (ENOTSUP), which a caller may want to say once per file system.
type Error struct {
	Op   string // a verb and its object: "set owner", "set xattr user.note"
	Lost Set    // which attribute the copy lacks because of it
	Err  error  // the cause, usually a syscall.Errno
}

// Error names the operation and the cause; the path is the caller's to add.
func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// errorList collects what failed.
type errorList []*Error

// add notes err, if it is one, without what package fsys says around the
// error number: operation and name are said here and by the caller.
func (l *errorList) add(op string, lost Set, err error) bool {
	if err == nil {
		return false
	}
	if no := fsys.Errno(err); no != 0 {
		err = no
	}
	*l = append(*l, &Error{Op: op, Lost: lost, Err: err})
	return true
}
