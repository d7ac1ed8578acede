package fsys

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Root implements FS.
func (OS) Root(path string, follow bool) (Dir, error) {
	flags := unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	fd, err := openat(unix.AT_FDCWD, path, flags, 0)
	if err != nil {
		return nil, &Error{"open directory", path, err}
	}
	return &osDir{osHandle{fd}}, nil
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

// again repeats a system call that a signal interrupted.
func again(call func() error) error {
	for {
		if err := call(); err != unix.EINTR { //nolint:errorlint // system calls return bare numbers
			return err
		}
	}
}

func openat(dir int, name string, flags int, perm uint32) (fd int, err error) {
	err = again(func() error {
		fd, err = unix.Openat(dir, name, flags, perm)
		return err
	})
	return fd, err
}

func wrap(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{op, name, err}
}

// checkName refuses what is not one component of a path.
func checkName(op, name string) error {
	if name == "" || isDot(name) || strings.ContainsAny(name, "/\x00") {
		return &Error{op, name, syscall.EINVAL}
	}
	return nil
}

// osDir is a directory's descriptor.
type osDir struct{ osHandle }

// ReadDir implements Dir.
func (d *osDir) ReadDir(buf []byte) (ents Entries, done bool, err error) {
	var n int
	err = again(func() error {
		n, err = unix.Getdents(d.fd, buf)
		return err
	})
	if err != nil {
		return Entries{}, false, &Error{"list", "", err}
	}
	return NewEntries(buf[:n]), n == 0, nil
}

// Rewind implements Dir.
func (d *osDir) Rewind() error {
	_, err := unix.Seek(d.fd, 0, unix.SEEK_SET)
	return wrap("list", "", err)
}

// StatAt implements Dir.
func (d *osDir) StatAt(name string) (Stat, error) { return d.statName(name, false) }

// StatFollow implements Dir.
func (d *osDir) StatFollow(name string) (Stat, error) { return d.statName(name, true) }

func (d *osDir) statName(name string, follow bool) (Stat, error) {
	if err := checkName("stat", name); err != nil {
		return Stat{}, err
	}
	st, err := statx(d.fd, name, noFollow(follow))
	return st, wrap("stat", name, err)
}

// OpenDir implements Dir.
func (d *osDir) OpenDir(name string, flags Flags) (Dir, error) {
	if err := checkName("open directory", name); err != nil {
		return nil, err
	}
	fd, err := d.open(name, flags&(Follow|NoAtime), unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, &Error{"open directory", name, err}
	}
	return &osDir{osHandle{fd}}, nil
}

// OpenPath implements Dir.
func (d *osDir) OpenPath(rel string) (Dir, error) {
	if rel == "" {
		fd, err := openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return nil, &Error{"open directory", ".", err}
		}
		return &osDir{osHandle{fd}}, nil
	}
	for name := range strings.SplitSeq(rel, "/") {
		if err := checkName("open directory", name); err != nil {
			return nil, err
		}
	}
	fd, err := d.openBeneath(rel)
	if err != nil {
		return nil, &Error{"open directory", rel, err}
	}
	return &osDir{osHandle{fd}}, nil
}

// openBeneath opens a path whole if the kernel can do that without following
// links, else name by name: for paths that are too long, for kernels before
// 5.6 (ENOSYS) and for sandboxes that refuse openat2 (EPERM).
func (d *osDir) openBeneath(rel string) (fd int, err error) {
	if !strings.Contains(rel, "/") {
		return openat(d.fd, rel, walkFlags, 0)
	}
	if len(rel) < unix.PathMax {
		how := unix.OpenHow{
			Flags:   walkFlags,
			Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
		}
		err = again(func() error {
			fd, err = unix.Openat2(d.fd, rel, &how)
			return err
		})
		// EAGAIN: something on the way was renamed meanwhile
		if err != unix.ENOSYS && err != unix.EPERM && err != unix.EAGAIN && err != unix.ENAMETOOLONG { //nolint:errorlint // bare numbers
			return fd, err
		}
	}
	return d.openStepwise(rel)
}

const walkFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

func (d *osDir) openStepwise(rel string) (int, error) {
	fd := d.fd
	for name := range strings.SplitSeq(rel, "/") {
		next, err := openat(fd, name, walkFlags, 0)
		if fd != d.fd {
			_ = unix.Close(fd) // read only
		}
		if err != nil {
			return -1, err
		}
		fd = next
	}
	return fd, nil
}

// Open implements Dir.
func (d *osDir) Open(name string, flags Flags, perm uint32) (File, error) {
	if err := checkName("open", name); err != nil {
		return nil, err
	}
	fd, err := d.open(name, flags, unix.O_NONBLOCK|unix.O_NOCTTY, perm)
	if err != nil {
		return nil, &Error{"open", name, err}
	}
	return &osFile{osHandle{fd}}, nil
}

// open adds extra to what flags mean. Without the right to leave the time of
// access alone (EPERM), it is changed.
func (d *osDir) open(name string, flags Flags, extra int, perm uint32) (int, error) {
	bits := openBits(flags) | extra
	fd, err := openat(d.fd, name, bits, perm)
	if err == unix.EPERM && flags&NoAtime != 0 { //nolint:errorlint // a bare number
		fd, err = openat(d.fd, name, bits&^unix.O_NOATIME, perm)
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

// named does something with an entry by its name.
func (d *osDir) named(op, name string, call func() error) error {
	if err := checkName(op, name); err != nil {
		return err
	}
	return wrap(op, name, again(call))
}

// Mkdir implements Dir.
func (d *osDir) Mkdir(name string, perm uint32) error {
	return d.named("make directory", name, func() error { return unix.Mkdirat(d.fd, name, perm) })
}

// Symlink implements Dir.
func (d *osDir) Symlink(target, name string) error {
	return d.named("make link", name, func() error { return unix.Symlinkat(target, d.fd, name) })
}

// Readlink implements Dir.
func (d *osDir) Readlink(name string) (string, error) {
	buf := make([]byte, 256)
	for {
		n := 0
		err := d.named("read link", name, func() (err error) {
			n, err = unix.Readlinkat(d.fd, name, buf)
			return err
		})
		if err != nil {
			return "", err
		}
		if n < len(buf) {
			return string(buf[:n]), nil
		}
		buf = make([]byte, 2*len(buf))
	}
}

// Mknod implements Dir.
func (d *osDir) Mknod(name string, kind Kind, perm uint32, rdev uint64) error {
	return d.named("make "+kind.String(), name, func() error {
		return unix.Mknodat(d.fd, name, kind.ModeBits()|perm, int(rdev))
	})
}

// Link implements Dir.
func (d *osDir) Link(oldName string, newDir Dir, newName string) error {
	to, ok := newDir.(*osDir)
	if !ok {
		return &Error{"link", newName, syscall.EXDEV}
	}
	if err := checkName("link", oldName); err != nil {
		return err
	}
	return to.named("link", newName, func() error { return unix.Linkat(d.fd, oldName, to.fd, newName, 0) })
}

// Unlink implements Dir.
func (d *osDir) Unlink(name string) error {
	return d.named("remove", name, func() error { return unix.Unlinkat(d.fd, name, 0) })
}

// Rmdir implements Dir.
func (d *osDir) Rmdir(name string) error {
	return d.named("remove directory", name, func() error { return unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR) })
}

// Entry implements Dir.
func (d *osDir) Entry(name string) Attributed { return &osEntry{d, name} }

// Sync implements Dir.
func (d *osDir) Sync() error {
	return wrap("sync file system", "", again(func() error { return unix.Syncfs(d.fd) }))
}
