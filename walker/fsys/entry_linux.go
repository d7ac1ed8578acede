package fsys

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// osEntry is an entry by its name. There are no *at calls for extended
// attributes before Linux 6.13, and none of the others takes a descriptor
// opened with O_PATH, the only kind that a symbolic link can have. So the
// l*xattr calls are given the directory as /proc/self/fd/N, where the kernel
// goes from the descriptor, not by a path that somebody could change; the name
// after it is not followed, and can have any bytes.
type osEntry struct {
	dir  *osDir
	name string
}

func (e *osEntry) do(op string, call func() error) error { return e.dir.named(op, e.name, call) }

// Stat implements Attributed.
func (e *osEntry) Stat() (Stat, error) { return e.dir.StatAt(e.name) }

// Chown implements Attributed.
func (e *osEntry) Chown(uid, gid uint32) error {
	return e.do("set owner", func() error {
		return unix.Fchownat(e.dir.fd(), e.name, int(int32(uid)), int(int32(gid)), unix.AT_SYMLINK_NOFOLLOW)
	})
}

// Chmod implements Attributed. fchmodat has no flag not to follow (fchmodat2,
// of Linux 6.6, has): so the entry is held by a descriptor, looked at, and its
// mode set by way of /proc.
func (e *osEntry) Chmod(mode uint32) error {
	return e.do("set mode", func() error {
		fd, err := openat(e.dir.fd(), e.name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd) //nolint:errcheck // nothing was written to it
		st, err := statx(fd, "", unix.AT_EMPTY_PATH)
		if err != nil {
			return err
		}
		if st.Kind == Symlink {
			return unix.EOPNOTSUPP
		}
		return orNoProc(again(func() error { return unix.Chmod(procFD+strconv.Itoa(fd), mode) }))
	})
}

// SetTimes implements Attributed.
func (e *osEntry) SetTimes(atime, mtime Time) error {
	ts, err := timespecs(atime, mtime)
	if err != nil {
		return &Error{"set times", e.name, err}
	}
	return e.do("set times", func() error {
		return unix.UtimesNanoAt(e.dir.fd(), e.name, ts[:], unix.AT_SYMLINK_NOFOLLOW)
	})
}

// ListXattr implements Attributed.
func (e *osEntry) ListXattr(buf []byte) (n int, err error) {
	err = e.xattr("list xattrs", func(path string) (err error) { n, err = unix.Llistxattr(path, buf); return err })
	return count(n, err)
}

// GetXattr implements Attributed.
func (e *osEntry) GetXattr(name string, buf []byte) (n int, err error) {
	err = e.xattr("get xattr", func(path string) (err error) { n, err = unix.Lgetxattr(path, name, buf); return err })
	return count(n, err)
}

// SetXattr implements Attributed.
func (e *osEntry) SetXattr(name string, value []byte) error {
	return e.xattr("set xattr", func(path string) error { return unix.Lsetxattr(path, name, value, 0) })
}

// RemoveXattr implements Attributed.
func (e *osEntry) RemoveXattr(name string) error {
	return e.xattr("remove xattr", func(path string) error { return unix.Lremovexattr(path, name) })
}

const procFD = "/proc/self/fd/"

func (e *osEntry) xattr(op string, call func(path string) error) error {
	path := procFD + strconv.Itoa(e.dir.fd()) + "/" + e.name
	return e.do(op, func() error { return orNoProc(call(path)) })
}

// orNoProc turns the ENOENT of a path below /proc into the reason for it, if
// that is that there is no /proc.
func orNoProc(err error) error {
	if err == unix.ENOENT && unix.Access(procFD, unix.F_OK) != nil { //nolint:errorlint // a bare number
		return ErrNoProc
	}
	return err
}
