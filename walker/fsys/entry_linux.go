package fsys

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// osEntry is an entry by its name. There are no *at calls for extended
// attributes before Linux 6.13: the l*xattr calls are given the directory as
// /proc/self/fd/N, where the kernel goes from the descriptor, not by a path
// that somebody could change.
type osEntry struct {
	dir  *osDir
	name string
}

func (e *osEntry) do(op string, call func() error) error { return e.dir.named(op, e.name, call) }

func (e *osEntry) path() string {
	return "/proc/self/fd/" + strconv.Itoa(e.dir.fd) + "/" + e.name
}

// Stat implements Attributed.
func (e *osEntry) Stat() (Stat, error) { return e.dir.StatAt(e.name) }

// Chown implements Attributed.
func (e *osEntry) Chown(uid, gid uint32) error {
	return e.do("set owner", func() error {
		return unix.Fchownat(e.dir.fd, e.name, int(int32(uid)), int(int32(gid)), unix.AT_SYMLINK_NOFOLLOW)
	})
}

// Chmod implements Attributed. fchmodat2 came with Linux 6.6; before it,
// /proc/self/fd of an O_PATH descriptor does the same.
func (e *osEntry) Chmod(mode uint32) error {
	return e.do("set mode", func() error {
		fd, err := openat(e.dir.fd, e.name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd) //nolint:errcheck // O_PATH
		st, err := statx(fd, "", unix.AT_EMPTY_PATH)
		if err != nil {
			return err
		}
		if st.Kind == Symlink {
			return unix.EOPNOTSUPP
		}
		return unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), mode)
	})
}

// SetTimes implements Attributed.
func (e *osEntry) SetTimes(atime, mtime Time) error {
	return e.do("set times", func() error {
		return unix.UtimesNanoAt(e.dir.fd, e.name, timespecs(atime, mtime), unix.AT_SYMLINK_NOFOLLOW)
	})
}

// ListXattr implements Attributed.
func (e *osEntry) ListXattr(buf []byte) (n int, err error) {
	err = e.do("list xattrs", func() error { n, err = unix.Llistxattr(e.path(), buf); return err })
	return n, err
}

// GetXattr implements Attributed.
func (e *osEntry) GetXattr(name string, buf []byte) (n int, err error) {
	err = e.do("get xattr", func() error { n, err = unix.Lgetxattr(e.path(), name, buf); return err })
	return n, err
}

// SetXattr implements Attributed.
func (e *osEntry) SetXattr(name string, value []byte) error {
	return e.do("set xattr", func() error { return unix.Lsetxattr(e.path(), name, value, 0) })
}

// RemoveXattr implements Attributed.
func (e *osEntry) RemoveXattr(name string) error {
	return e.do("remove xattr", func() error { return unix.Lremovexattr(e.path(), name) })
}
