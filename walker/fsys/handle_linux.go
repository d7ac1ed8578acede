package fsys

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// osHandle is an open descriptor, and what can be done to anything by one.
type osHandle struct {
	file   atomic.Int32 // -1 when closed, so that a late user gets EBADF and not another file
	name   string       // for messages
	kernel *kernel
}

func (h *osHandle) init(fd int, name string, k *kernel) {
	h.file.Store(int32(fd))
	h.name, h.kernel = name, k
}

func (h *osHandle) fd() int { return int(h.file.Load()) }

func (h *osHandle) do(op string, call func() error) error { return wrap(op, h.name, again(call)) }

// Stat implements Attributed.
func (h *osHandle) Stat() (Stat, error) {
	st, err := statx(h.fd(), "", unix.AT_EMPTY_PATH)
	return st, wrap("stat", h.name, err)
}

// Chown implements Attributed.
func (h *osHandle) Chown(uid, gid uint32) error {
	return h.do("set owner", func() error { return unix.Fchown(h.fd(), int(int32(uid)), int(int32(gid))) })
}

// Chmod implements Attributed.
func (h *osHandle) Chmod(mode uint32) error {
	return h.do("set mode", func() error { return unix.Fchmod(h.fd(), mode) })
}

// SetTimes implements Attributed.
func (h *osHandle) SetTimes(atime, mtime Time) error {
	ts, err := timespecs(atime, mtime)
	if err != nil {
		return &Error{"set times", h.name, err}
	}
	return h.do("set times", func() error { return futimens(h.fd(), &ts) })
}

// ListXattr implements Attributed.
func (h *osHandle) ListXattr(buf []byte) (n int, err error) {
	err = h.do("list xattrs", func() (err error) { n, err = unix.Flistxattr(h.fd(), buf); return err })
	return count(n, err)
}

// GetXattr implements Attributed.
func (h *osHandle) GetXattr(name string, buf []byte) (n int, err error) {
	err = h.do("get xattr", func() (err error) { n, err = unix.Fgetxattr(h.fd(), name, buf); return err })
	return count(n, err)
}

// SetXattr implements Attributed.
func (h *osHandle) SetXattr(name string, value []byte) error {
	return h.do("set xattr", func() error { return unix.Fsetxattr(h.fd(), name, value, 0) })
}

// RemoveXattr implements Attributed.
func (h *osHandle) RemoveXattr(name string) error {
	return h.do("remove xattr", func() error { return unix.Fremovexattr(h.fd(), name) })
}

// Close implements Dir and File. It is not repeated, not even when a signal
// interrupts it: on Linux the descriptor is gone then, and may be another
// file's already.
func (h *osHandle) Close() error { return wrap("close", h.name, unix.Close(int(h.file.Swap(-1)))) }

// count hides the -1 that system calls return with an error.
func count(n int, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return n, nil
}
