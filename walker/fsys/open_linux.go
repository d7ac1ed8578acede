package fsys

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// OpenDir implements Dir.
func (d *osDir) OpenDir(name string, flags Flags) (Dir, error) {
	if err := checkName("open directory", name); err != nil {
		return nil, err
	}
	fd, err := d.open(name, flags&(Follow|NoAtime), unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, &Error{"open directory", name, err}
	}
	return newDir(fd, name, d.kernel), nil
}

// Open implements Dir. O_NONBLOCK is for fifos and devices: it means nothing to
// a regular file, but that an open which would have to wait for a lease says
// EAGAIN.
func (d *osDir) Open(name string, flags Flags, perm uint32) (File, error) {
	if err := checkName("open", name); err != nil {
		return nil, err
	}
	fd, err := d.open(name, flags, unix.O_NONBLOCK|unix.O_NOCTTY, perm)
	if err != nil {
		return nil, &Error{"open", name, err}
	}
	f := new(osFile)
	f.init(fd, name, d.kernel)
	return f, nil
}

// open adds extra to what flags mean. Without the right to leave the time of
// access alone (EPERM), it is changed.
func (d *osDir) open(name string, flags Flags, extra int, perm uint32) (int, error) {
	bits := openBits(flags) | extra
	fd, err := openat(d.fd(), name, bits, perm)
	if err == unix.EPERM && flags&NoAtime != 0 { //nolint:errorlint // a bare number
		fd, err = openat(d.fd(), name, bits&^unix.O_NOATIME, perm)
	}
	return fd, err
}

func openBits(flags Flags) int {
	bits := unix.O_CLOEXEC | unix.O_NOFOLLOW
	for _, f := range [...]struct {
		flag Flags
		bit  int
	}{
		{WriteOnly, unix.O_WRONLY}, {ReadWrite, unix.O_RDWR}, {Create, unix.O_CREAT}, {Exclusive, unix.O_EXCL},
		{Truncate, unix.O_TRUNC}, {Direct, unix.O_DIRECT}, {NoAtime, unix.O_NOATIME},
	} {
		if flags&f.flag != 0 {
			bits |= f.bit
		}
	}
	if flags&Follow != 0 {
		bits &^= unix.O_NOFOLLOW
	}
	return bits
}

// OpenPath implements Dir.
func (d *osDir) OpenPath(rel string) (Dir, error) {
	const op = "open directory"
	if rel == "" {
		fd, err := openat(d.fd(), ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return nil, &Error{op, d.name, err}
		}
		return newDir(fd, d.name, d.kernel), nil
	}
	for name := range strings.SplitSeq(rel, "/") {
		if !isName(name) {
			return nil, &Error{op, rel, syscall.EINVAL}
		}
	}
	fd, err := d.walk(rel)
	if err != nil {
		return nil, &Error{op, rel, err}
	}
	return newDir(fd, rel[strings.LastIndexByte(rel, '/')+1:], d.kernel), nil
}

// How a directory is opened that is only gone through: O_PATH needs no right
// to read it, just as the kernel's own walk along a path does not.
const (
	last    = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	through = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
)

// walk opens rel in pieces that the kernel takes in one call.
func (d *osDir) walk(rel string) (int, error) {
	fd := d.fd()
	for {
		piece, rest := cutPath(rel)
		flags := last
		if rest != "" {
			flags = through
		}
		next, err := d.step(fd, piece, flags)
		if fd != d.fd() {
			_ = unix.Close(fd) // nothing was written to it
		}
		if err != nil || rest == "" {
			return next, err
		}
		fd, rel = next, rest
	}
}

// cutPath cuts a path at a slash, so that the first piece is not too long for
// a system call, if it can be.
func cutPath(rel string) (piece, rest string) {
	if len(rel) < unix.PathMax {
		return rel, ""
	}
	i := strings.LastIndexByte(rel[:unix.PathMax], '/')
	if i < 0 {
		i = strings.IndexByte(rel, '/')
	}
	if i < 0 {
		return rel, ""
	}
	return rel[:i], rel[i+1:]
}

// step opens a piece of a path: whole, if the kernel can do that without
// following links (Linux 5.6), else name by name.
func (d *osDir) step(dir int, piece string, flags int) (int, error) {
	if !strings.Contains(piece, "/") {
		return openat(dir, piece, flags, 0)
	}
	if d.kernel.openat2.Load() {
		fd, err := openBeneath(dir, piece, flags)
		switch err {
		case unix.ENOSYS: //nolint:errorlint // a bare number
			d.kernel.openat2.Store(false)
		case unix.EPERM: // a sandbox that does not know openat2, or the directory: name by name tells
		default:
			return fd, err
		}
	}
	return d.byName(dir, piece, flags)
}

func openBeneath(dir int, piece string, flags int) (fd int, err error) {
	how := unix.OpenHow{
		Flags:   uint64(flags),
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
	}
	err = again(func() (err error) { fd, err = unix.Openat2(dir, piece, &how); return err })
	return fd, err
}

func (d *osDir) byName(dir int, piece string, flags int) (int, error) {
	fd := dir
	for {
		name, rest, more := strings.Cut(piece, "/")
		how := flags
		if more {
			how = through
		}
		next, err := openat(fd, name, how, 0)
		if fd != dir {
			_ = unix.Close(fd) // nothing was written to it
		}
		if err != nil || !more {
			return next, err
		}
		fd, piece = next, rest
	}
}
