package fsys

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// osDir is a directory's descriptor.
type osDir struct{ osHandle }

func newDir(fd int, name string, k *kernel) *osDir {
	d := new(osDir)
	d.init(fd, name, k)
	return d
}

// ReadDir implements Dir.
func (d *osDir) ReadDir(buf []byte) (ents Entries, done bool, err error) {
	var n int
	err = d.do("list", func() (err error) { n, err = unix.Getdents(d.fd(), buf); return err })
	if err != nil {
		return Entries{}, false, err
	}
	return NewEntries(buf[:n]), n == 0, nil
}

// Rewind implements Dir.
func (d *osDir) Rewind() error {
	return d.do("list", func() error { _, err := unix.Seek(d.fd(), 0, unix.SEEK_SET); return err })
}

// StatAt implements Dir.
func (d *osDir) StatAt(name string) (Stat, error) { return d.statName(name, false) }

// StatFollow implements Dir.
func (d *osDir) StatFollow(name string) (Stat, error) { return d.statName(name, true) }

func (d *osDir) statName(name string, follow bool) (Stat, error) {
	if err := checkName("stat", name); err != nil {
		return Stat{}, err
	}
	st, err := statx(d.fd(), name, noFollow(follow))
	return st, wrap("stat", name, err)
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
	return d.named("make directory", name, func() error { return unix.Mkdirat(d.fd(), name, perm) })
}

// Symlink implements Dir.
func (d *osDir) Symlink(target, name string) error {
	return d.named("make link", name, func() error { return unix.Symlinkat(target, d.fd(), name) })
}

// Readlink implements Dir. What it returns is cut off without a word if it does
// not fit, so it has to be shorter than the buffer.
func (d *osDir) Readlink(name string) (string, error) {
	buf := make([]byte, 256)
	for {
		n := 0
		err := d.named("read link", name, func() (err error) { n, err = unix.Readlinkat(d.fd(), name, buf); return err })
		if err != nil {
			return "", err
		}
		if n < len(buf) {
			return string(buf[:n]), nil
		}
		buf = make([]byte, 4*len(buf))
	}
}

// Mknod implements Dir. The kernel takes 32 bits of a device's number, which
// are the lower ones of makedev's 64: 12 bits of major, 20 of minor, as many
// as Linux has.
func (d *osDir) Mknod(name string, kind Kind, perm uint32, rdev uint64) error {
	op := "make " + kind.String()
	if rdev > 1<<32-1 {
		return &Error{op, name, syscall.EINVAL}
	}
	return d.named(op, name, func() error {
		return unix.Mknodat(d.fd(), name, kind.ModeBits()|perm&0o7777, int(rdev))
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
	return to.named("link", newName, func() error { return unix.Linkat(d.fd(), oldName, to.fd(), newName, 0) })
}

// Unlink implements Dir.
func (d *osDir) Unlink(name string) error {
	return d.named("remove", name, func() error { return unix.Unlinkat(d.fd(), name, 0) })
}

// Rmdir implements Dir.
func (d *osDir) Rmdir(name string) error {
	return d.named("remove directory", name, func() error { return unix.Unlinkat(d.fd(), name, unix.AT_REMOVEDIR) })
}

// Entry implements Dir.
func (d *osDir) Entry(name string) Attributed { return &osEntry{d, name} }

// Sync implements Dir.
func (d *osDir) Sync() error {
	return d.do("sync file system", func() error { return unix.Syncfs(d.fd()) })
}
