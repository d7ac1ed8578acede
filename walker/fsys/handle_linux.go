package fsys

import "golang.org/x/sys/unix"

// osHandle is an open descriptor, and what can be done to anything by one.
type osHandle struct{ fd int }

func (h *osHandle) do(op string, call func() error) error { return wrap(op, "", again(call)) }

// Stat implements Attributed.
func (h *osHandle) Stat() (Stat, error) {
	st, err := statx(h.fd, "", unix.AT_EMPTY_PATH)
	return st, wrap("stat", "", err)
}

// Chown implements Attributed.
func (h *osHandle) Chown(uid, gid uint32) error {
	return h.do("set owner", func() error { return unix.Fchown(h.fd, int(int32(uid)), int(int32(gid))) })
}

// Chmod implements Attributed.
func (h *osHandle) Chmod(mode uint32) error {
	return h.do("set mode", func() error { return unix.Fchmod(h.fd, mode) })
}

// SetTimes implements Attributed.
func (h *osHandle) SetTimes(atime, mtime Time) error {
	return h.do("set times", func() error { return futimens(h.fd, atime, mtime) })
}

// ListXattr implements Attributed.
func (h *osHandle) ListXattr(buf []byte) (n int, err error) {
	err = h.do("list xattrs", func() error { n, err = unix.Flistxattr(h.fd, buf); return err })
	return n, err
}

// GetXattr implements Attributed.
func (h *osHandle) GetXattr(name string, buf []byte) (n int, err error) {
	err = h.do("get xattr", func() error { n, err = unix.Fgetxattr(h.fd, name, buf); return err })
	return n, err
}

// SetXattr implements Attributed.
func (h *osHandle) SetXattr(name string, value []byte) error {
	return h.do("set xattr", func() error { return unix.Fsetxattr(h.fd, name, value, 0) })
}

// RemoveXattr implements Attributed.
func (h *osHandle) RemoveXattr(name string) error {
	return h.do("remove xattr", func() error { return unix.Fremovexattr(h.fd, name) })
}

// Close implements Dir and File. A descriptor is gone even if close fails.
func (h *osHandle) Close() error { return wrap("close", "", unix.Close(h.fd)) }
