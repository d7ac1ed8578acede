package fsys

import (
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Root implements FS.
func (o OS) Root(path string, follow bool) (Dir, error) {
	flags := unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	fd, err := openat(unix.AT_FDCWD, path, flags, 0)
	if err != nil {
		return nil, &Error{"open directory", path, err}
	}
	return newDir(fd, path, o.kernel()), nil
}

// Stat implements FS.
func (OS) Stat(path string, follow bool) (Stat, error) {
	st, err := statx(unix.AT_FDCWD, path, noFollow(follow))
	return st, wrap("stat", path, err)
}

func noFollow(follow bool) int {
	if follow {
		return 0
	}
	return unix.AT_SYMLINK_NOFOLLOW
}

// kernel is what is known of the kernel's powers, shared by a Root and all
// that is opened below it.
type kernel struct {
	copyRange bool
	openat2   atomic.Bool // until it turns out otherwise
}

func (o OS) kernel() *kernel {
	k := &kernel{copyRange: !o.NoCopyRange && kernelSince(5, 3)}
	k.openat2.Store(!o.NoOpenat2)
	return k
}

// kernelSince says whether the kernel is of this version or later.
// copy_file_range before Linux 5.3 is broken in various ways, one of which is
// to copy nothing and call it done (https://go.dev/issue/42400).
func kernelSince(major, minor int) bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	return versionSince(unix.ByteSliceToString(u.Release[:]), major, minor)
}

// versionSince compares the first two numbers of a release such as
// 6.1.0-21-amd64.
func versionSince(release string, major, minor int) bool {
	first, rest, _ := strings.Cut(release, ".")
	if i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		rest = rest[:i]
	}
	x, err := strconv.Atoi(first)
	y, err2 := strconv.Atoi(rest)
	return err == nil && err2 == nil && (x > major || x == major && y >= minor)
}
