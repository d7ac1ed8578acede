package fault

import (
	"encoding/binary"
	"syscall"

	"gdcp/walker/fsys"
)

type dir struct {
	attributed
	under fsys.Dir
}

var _ fsys.Dir = (*dir)(nil)

func (d *dir) below(rel string) string {
	if rel == "" {
		return d.path
	}
	return d.path + "/" + rel
}

// named does something with an entry by its name.
func (d *dir) named(verb, name string, call func() error) error {
	return d.fs.do(Op{Verb: verb, Path: d.below(name)}, func(Effect) error { return call() })
}

// ReadDir implements fsys.Dir.
func (d *dir) ReadDir(buf []byte) (ents fsys.Entries, done bool, err error) {
	noKinds := false
	err = d.fs.do(Op{Verb: "list", Path: d.path}, func(e Effect) (err error) {
		noKinds = e.NoKinds
		ents, done, err = d.under.ReadDir(buf)
		return err
	})
	if err != nil {
		return fsys.Entries{}, false, err
	}
	if noKinds {
		forgetKinds(buf)
	}
	return ents, done, nil
}

// forgetKinds overwrites the kinds in a piece of a listing, records as
// getdents64(2) writes them: length of the record at 16, type at 18. What is in
// buf behind the piece is of no use to anybody, so it does not matter where
// that ends.
func forgetKinds(buf []byte) {
	for len(buf) > 18 {
		n := int(binary.NativeEndian.Uint16(buf[16:]))
		if n <= 18 || n > len(buf) {
			return
		}
		buf[18], buf = 0, buf[n:]
	}
}

// Rewind implements fsys.Dir.
func (d *dir) Rewind() error { return d.do("list", d.under.Rewind) }

// StatAt implements fsys.Dir.
func (d *dir) StatAt(name string) (st fsys.Stat, err error) {
	err = d.named("stat", name, func() (err error) { st, err = d.under.StatAt(name); return err })
	return st, err
}

// StatFollow implements fsys.Dir.
func (d *dir) StatFollow(name string) (st fsys.Stat, err error) {
	err = d.named("stat", name, func() (err error) { st, err = d.under.StatFollow(name); return err })
	return st, err
}

// OpenDir implements fsys.Dir.
func (d *dir) OpenDir(name string, flags fsys.Flags) (fsys.Dir, error) {
	return d.fs.dir(Op{Verb: "open directory", Path: d.below(name)}, func() (fsys.Dir, error) { return d.under.OpenDir(name, flags) })
}

// OpenPath implements fsys.Dir.
func (d *dir) OpenPath(rel string) (fsys.Dir, error) {
	return d.fs.dir(Op{Verb: "open directory", Path: d.below(rel)}, func() (fsys.Dir, error) { return d.under.OpenPath(rel) })
}

// Open implements fsys.Dir.
func (d *dir) Open(name string, flags fsys.Flags, perm uint32) (fsys.File, error) {
	var f fsys.File
	path := d.below(name)
	err := d.named("open", name, func() (err error) { f, err = d.under.Open(name, flags, perm); return err })
	if err == nil {
		return &file{attributed{d.fs, path, f}, f}, nil
	}
	if f != nil {
		_ = f.Close() // it was opened, and then said not to be
	}
	return nil, err
}

// Mkdir implements fsys.Dir.
func (d *dir) Mkdir(name string, perm uint32) error {
	return d.named("make directory", name, func() error { return d.under.Mkdir(name, perm) })
}

// Symlink implements fsys.Dir.
func (d *dir) Symlink(target, name string) error {
	return d.named("make link", name, func() error { return d.under.Symlink(target, name) })
}

// Readlink implements fsys.Dir.
func (d *dir) Readlink(name string) (target string, err error) {
	err = d.named("read link", name, func() (err error) { target, err = d.under.Readlink(name); return err })
	if err != nil {
		return "", err
	}
	return target, nil
}

// Mknod implements fsys.Dir.
func (d *dir) Mknod(name string, kind fsys.Kind, perm uint32, rdev uint64) error {
	return d.named("make "+kind.String(), name, func() error { return d.under.Mknod(name, kind, perm, rdev) })
}

// Link implements fsys.Dir.
func (d *dir) Link(oldName string, newDir fsys.Dir, newName string) error {
	to, ok := newDir.(*dir)
	return d.named("link", newName, func() error {
		if !ok || to.fs != d.fs {
			return &fsys.Error{Op: "link", Path: newName, Err: syscall.EXDEV}
		}
		return d.under.Link(oldName, to.under, newName)
	})
}

// Unlink implements fsys.Dir.
func (d *dir) Unlink(name string) error {
	return d.named("remove", name, func() error { return d.under.Unlink(name) })
}

// Rmdir implements fsys.Dir.
func (d *dir) Rmdir(name string) error {
	return d.named("remove directory", name, func() error { return d.under.Rmdir(name) })
}

// Entry implements fsys.Dir.
func (d *dir) Entry(name string) fsys.Attributed {
	return &attributed{d.fs, d.below(name), d.under.Entry(name)}
}

// Sync implements fsys.Dir.
func (d *dir) Sync() error { return d.do("sync file system", d.under.Sync) }

// Close implements fsys.Dir.
func (d *dir) Close() error { return d.closing(d.under) }
