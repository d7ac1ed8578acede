package fsystest

import (
	"fmt"
	"syscall"
	"time"

	"gdcp/walker/fsys"
)

func testKinds(b *bench) {
	b.file("file", "x")
	b.must(b.dir.Mkdir("dir", 0o755))
	b.must(b.dir.Symlink("t", "symlink"))
	b.must(b.dir.Mknod("fifo", fsys.Fifo, 0o640, 0))
	b.must(b.dir.Mknod("socket", fsys.Socket, 0o640, 0))
	b.must(b.dir.Mknod("empty", fsys.Regular, 0o640, 0))
	want := map[string]fsys.Kind{
		"file": fsys.Regular, "dir": fsys.Directory, "symlink": fsys.Symlink,
		"fifo": fsys.Fifo, "socket": fsys.Socket, "empty": fsys.Regular,
	}
	const major, minor = 10<<8 | 200, 1 // of nothing that does harm
	err := b.dir.Mknod("char", fsys.Char, 0o600, major<<8|minor)
	if can(err) {
		b.must(err)
		b.must(b.dir.Mknod("block", fsys.Block, 0o600, device))
		want["char"], want["block"] = fsys.Char, fsys.Block
		if st := b.stat("block"); st.Rdev != device {
			b.Errorf("the device has the number %#x, want %#x", st.Rdev, uint64(device))
		}
	}
	seen := 0
	buf := make([]byte, 32<<10)
	for done := false; !done; { // a signal ends a piece early (filldir in fs/readdir.c)
		var ents fsys.Entries
		ents, done, err = b.dir.ReadDir(buf)
		b.must(err)
		for e, ok := ents.Next(); ok; e, ok = ents.Next() {
			seen++
			b.listedAs(e, want)
		}
	}
	if seen != len(want) {
		b.Errorf("%d entries, want %d", seen, len(want))
	}
	b.refused("a device number too long for the kernel", b.dir.Mknod("long", fsys.Char, 0o600, 1<<40), syscall.EINVAL)
}

// listedAs checks an entry of a listing against what the entry is.
func (b *bench) listedAs(e fsys.Dirent, want map[string]fsys.Kind) {
	b.Helper()
	name := string(e.Name)
	st := b.stat(name)
	if st.Kind != want[name] || e.Kind != st.Kind && e.Kind != fsys.Unknown || e.Ino != st.Ino {
		b.Errorf("%s: listed as %v with inode %d, is %v with %d, want %v", name, e.Kind, e.Ino, st.Kind, st.Ino, want[name])
	}
}

// device is a number with all that Linux has: 12 bits of major, 20 of minor,
// as makedev mixes them.
const device = 0xabc<<8 | 0xde&0xff | (0x54321&^0xff)<<12

// Opening a fifo does not wait for its other end, and what was opened can be
// told from a file.
func testFifo(b *bench) {
	b.must(b.dir.Mknod("fifo", fsys.Fifo, 0o600, 0))
	done := make(chan error, 1)
	go func() {
		f, err := b.dir.Open("fifo", fsys.ReadOnly, 0)
		if err == nil {
			if st, statErr := f.Stat(); statErr != nil || st.Kind != fsys.Fifo {
				err = fmt.Errorf("got %v, %w, want a fifo", st.Kind, statErr)
			}
			_ = f.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		b.must(err)
	case <-time.After(30 * time.Second):
		b.Fatal("opening a fifo waits for a writer")
	}
	b.refused("writing to a fifo nobody reads", opened(b.dir.Open("fifo", fsys.WriteOnly, 0)), syscall.ENXIO)
}

func testListing(b *bench) {
	if got := list(b, b.dir, 4096); len(got) != 0 {
		b.Errorf("an empty directory has %v", got)
	}
	const many = 1000
	for i := range many {
		b.must(b.dir.Mknod(fmt.Sprintf("%d-%0200d", i, i), fsys.Regular, 0o600, 0))
	}
	for _, size := range []int{512, 4096, 1 << 20} {
		b.must(b.dir.Rewind())
		if got := list(b, b.dir, size); len(got) != many {
			b.Errorf("with %d bytes at a time: %d entries, want %d", size, len(got), many)
		}
	}
	_, _, err := b.dir.ReadDir(make([]byte, 4096))
	b.must(err) // at the end it stays at the end
	b.must(b.dir.Rewind())
	_, _, err = b.dir.ReadDir(make([]byte, 16)) // not even "." fits
	b.refused("a buffer too small for a name", err, syscall.EINVAL)
}

func testCreate(b *bench) {
	b.must(b.dir.Mkdir("d", 0o755))
	b.file("f", "first")
	b.refused("O_EXCL", opened(b.dir.Open("f", fsys.WriteOnly|fsys.Create|fsys.Exclusive, 0o600)), syscall.EEXIST)
	b.refused("Mkdir", b.dir.Mkdir("d", 0o755), syscall.EEXIST)
	b.refused("Symlink", b.dir.Symlink("t", "f"), syscall.EEXIST)
	b.refused("Mknod", b.dir.Mknod("f", fsys.Fifo, 0o600, 0), syscall.EEXIST)
	b.refused("writing a directory", opened(b.dir.Open("d", fsys.WriteOnly, 0)), syscall.EISDIR)
	b.refused("nothing", opened(b.dir.Open("none", fsys.ReadOnly, 0)), syscall.ENOENT)
	b.refused("a file as directory", opened(b.dir.OpenDir("f", 0)), syscall.ENOTDIR)
	b.must(opened(b.dir.Open("f", fsys.ReadWrite|fsys.Create, 0o600)))
	if got := b.content("f"); got != "first" {
		b.Errorf("a file that was only opened holds %q", got)
	}
	b.must(opened(b.dir.Open("f", fsys.WriteOnly|fsys.Truncate|fsys.NoAtime, 0)))
	if got := b.content("f"); got != "" {
		b.Errorf("an emptied file holds %q", got)
	}
	if err := opened(b.dir.Open("private", fsys.WriteOnly|fsys.Create|fsys.Exclusive, 0o600)); err != nil {
		b.Error(err)
	}
	if st := b.stat("private"); st.Mode != 0o600 || st.Nlink != 1 || st.Size != 0 {
		b.Errorf("a new file: %+v", st)
	}
}

func testHardLinks(b *bench) {
	b.must(b.dir.Mkdir("d", 0o755))
	d := b.subdir(b.dir, "d")
	b.file("f", "x")
	b.must(b.dir.Link("f", d, "second"))
	first := b.stat("f")
	second, err := d.StatAt("second")
	b.must(err)
	if !first.SameFile(&second) || first.Nlink != 2 {
		b.Errorf("two names of one file: %+v and %+v", first, second)
	}
	b.must(b.dir.Symlink("f", "l"))
	b.must(b.dir.Link("l", d, "l2"))
	link, err := d.StatAt("l2")
	b.must(err)
	if st := b.stat("l"); !link.SameFile(&st) || link.Kind != fsys.Symlink {
		b.Errorf("a link's second name is %v", link.Kind)
	}
	b.refused("a name that is taken", b.dir.Link("f", d, "second"), syscall.EEXIST)
	b.refused("no such name", b.dir.Link("none", d, "x"), syscall.ENOENT)
	b.refused("a directory", b.dir.Link("d", b.dir, "x"), syscall.EPERM)
	b.refused("to another FS", b.dir.Link("f", foreign{d}, "x"), syscall.EXDEV)
}

// foreign is a Dir of another FS.
type foreign struct{ fsys.Dir }

func testRemoving(b *bench) {
	b.must(b.dir.Mkdir("d", 0o755))
	b.file("f", "x")
	b.must(b.dir.Symlink("d", "l"))
	d := b.subdir(b.dir, "d")
	b.must(d.Mkdir("sub", 0o755))
	b.refused("a directory that is not empty", b.dir.Rmdir("d"), syscall.ENOTEMPTY, syscall.EEXIST)
	b.refused("Unlink of a directory", b.dir.Unlink("d"), syscall.EISDIR, syscall.EPERM)
	b.refused("Rmdir of a file", b.dir.Rmdir("f"), syscall.ENOTDIR)
	b.refused("Rmdir of a link", b.dir.Rmdir("l"), syscall.ENOTDIR)
	b.must(d.Rmdir("sub"))
	b.must(b.dir.Unlink("l"))
	b.must(b.dir.Unlink("f"))
	b.must(b.dir.Rmdir("d"))
	b.refused("again", b.dir.Unlink("f"), syscall.ENOENT)
	if got := list(b, b.dir, 4096); len(got) != 0 {
		b.Errorf("%v is left", got)
	}
	b.must(b.dir.Sync())
}
