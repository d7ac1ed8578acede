package fsystest

import (
	"bytes"
	"syscall"

	"gdcp/walker/fsys"
)

// each calls do for a directory, a file and an entry by its name.
func (b *bench) each(do func(what string, a fsys.Attributed)) {
	b.Helper()
	b.must(b.dir.Mkdir("d", 0o700))
	do("directory", b.subdir(b.dir, "d"))
	do("file", b.open("f", fsys.ReadWrite|fsys.Create))
	b.file("e", "")
	do("entry", b.dir.Entry("e"))
}

// times are before 1970, after 2038, and have all digits.
var times = [...]fsys.Time{ //nolint:gochecknoglobals // a constant table
	{Sec: 0, Nsec: 1},
	{Sec: 1_700_000_000, Nsec: 999_999_999},
	{Sec: -1, Nsec: 500},
	{Sec: -2_000_000_000, Nsec: 7},
	{Sec: 1<<31 + 5, Nsec: 123_456_789},
	{Sec: 1 << 33, Nsec: 3},
}

func (b *bench) checkTimes(what string, a fsys.Attributed) {
	b.Helper()
	for _, mtime := range times {
		atime := fsys.Time{Sec: mtime.Sec + 1, Nsec: mtime.Nsec}
		b.must(a.SetTimes(atime, mtime))
		st, err := a.Stat()
		b.must(err)
		if st.Mtime != mtime || st.Atime != atime {
			b.Errorf("%s: mtime %v, want %v; atime %v, want %v", what, st.Mtime, mtime, st.Atime, atime)
		}
	}
}

func testTimes(b *bench) { b.each(b.checkTimes) }

func testLinkTimes(b *bench) {
	b.file("file", "x")
	b.must(b.dir.Symlink("file", "link"))
	before := b.stat("file")
	b.checkTimes("link", b.dir.Entry("link"))
	if after := b.stat("file"); after != before {
		b.Errorf("the link's target was changed: from %+v to %+v", before, after)
	}
}

func testModes(b *bench) {
	check := func(what string, a fsys.Attributed) {
		for _, mode := range []uint32{0o7755, 0o4711, 0o2070, 0, 0o600} {
			b.must(a.Chmod(mode))
			if st, err := a.Stat(); err != nil || st.Mode != mode {
				b.Errorf("%s: mode %o, want %o; %v", what, st.Mode, mode, err)
			}
		}
	}
	b.each(check)
	b.must(b.dir.Mknod("fifo", fsys.Fifo, 0o600, 0))
	check("fifo", b.dir.Entry("fifo"))
	b.refused("no such entry", b.dir.Entry("none").Chmod(0o600), syscall.ENOENT)
}

func testOwners(b *bench) {
	b.must(b.dir.Symlink("nowhere", "link"))
	check := func(what string, a fsys.Attributed) {
		before, err := a.Stat()
		b.must(err)
		b.must(a.Chown(fsys.Keep, fsys.Keep))
		b.must(a.Chown(before.UID, before.GID))
		want := before
		err = a.Chown(12345, 54321)
		if can(err) {
			b.must(err)
			want.UID, want.GID = 12345, 54321
			b.must(a.Chown(fsys.Keep, fsys.Keep))
		}
		if st, err := a.Stat(); err != nil || st.UID != want.UID || st.GID != want.GID {
			b.Errorf("%s: owner %d:%d, want %d:%d; %v", what, st.UID, st.GID, want.UID, want.GID, err)
		}
	}
	b.each(check)
	check("link", b.dir.Entry("link"))
}

func testXattrs(b *bench) {
	b.each(func(what string, a fsys.Attributed) {
		if err := a.SetXattr("user.probe", nil); !can(err) {
			b.Logf("%s: this file system has no user.* attributes", what)
			return
		}
		b.must(a.RemoveXattr("user.probe"))
		b.checkXattr(what, a, "user.a")
	})
}

func testLinkXattrs(b *bench) {
	b.file("file", "x")
	b.must(b.dir.Symlink("file", "link"))
	link := b.dir.Entry("link")
	b.refused("user.* of a link", link.SetXattr("user.a", nil), syscall.EPERM, syscall.EOPNOTSUPP)
	if err := link.SetXattr("trusted.probe", nil); !can(err) {
		return // it takes a privilege
	}
	b.must(link.RemoveXattr("trusted.probe"))
	b.checkXattr("link", link, "trusted.a")
	buf := make([]byte, 1000)
	n, err := b.dir.Entry("file").ListXattr(buf)
	b.must(err)
	if bytes.Contains(buf[:n], []byte("trusted.")) {
		b.Errorf("the link's target has %q", buf[:n])
	}
}

// checkXattr sets, reads, lists and removes an attribute.
func (b *bench) checkXattr(what string, a fsys.Attributed, name string) {
	b.Helper()
	value := []byte("with\x00zero\xff")
	b.must(a.SetXattr(name, []byte("old")))
	b.must(a.SetXattr(name, value))
	buf := make([]byte, 1000)
	n, err := a.GetXattr(name, buf)
	if err != nil || !bytes.Equal(buf[:n], value) {
		b.Errorf("%s: %s is %q, %v", what, name, buf[:n], err)
	}
	if size, err := a.GetXattr(name, nil); err != nil || size != len(value) {
		b.Errorf("%s: %s has %d bytes, want %d; %v", what, name, size, len(value), err)
	}
	_, err = a.GetXattr(name, buf[:2])
	b.refused("a value too long", err, syscall.ERANGE)
	n, err = a.ListXattr(buf)
	if err != nil || !bytes.Contains(buf[:n], []byte(name+"\x00")) {
		b.Errorf("%s: %s is not in the list %q; %v", what, name, buf[:n], err)
	}
	_, err = a.ListXattr(buf[:3])
	b.refused("a list too long", err, syscall.ERANGE)
	b.must(a.RemoveXattr(name))
	_, err = a.GetXattr(name, buf)
	b.refused("what was removed", err, syscall.ENODATA)
	b.refused("removing it again", a.RemoveXattr(name), syscall.ENODATA)
	b.must(a.SetXattr(name, nil))
	if size, err := a.GetXattr(name, nil); err != nil || size != 0 {
		b.Errorf("%s: an empty %s has %d bytes, %v", what, name, size, err)
	}
}
