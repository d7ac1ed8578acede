package fsystest

import (
	"bytes"
	"errors"
	"io"
	"syscall"

	"gdcp/walker/fsys"
)

func testReadWrite(b *bench) {
	f := b.open("f", fsys.ReadWrite|fsys.Create)
	b.must(fsys.WriteFull(f, []byte("hello"), 3))
	buf := make([]byte, 16)
	n, err := f.Pread(buf, 0)
	if err != nil || string(buf[:n]) != "\x00\x00\x00hello" {
		b.Errorf("read %q, %v", buf[:n], err)
	}
	if n, err := f.Pread(buf, 8); n != 0 || err != nil {
		b.Errorf("at the end: %d, %v, want 0 without an error", n, err)
	}
	b.must(f.Truncate(4))
	b.must(f.Allocate(fsys.KeepSize, 0, 4096))
	b.must(f.Advise(fsys.Sequential, 0, 0))
	b.must(f.Sync())
	if st, err := f.Stat(); err != nil || st.Size != 4 || st.Kind != fsys.Regular {
		b.Errorf("got %+v, %v, want a file of 4 bytes", st, err)
	}
	reader := b.open("f", fsys.ReadOnly)
	_, err = reader.Pwrite([]byte("x"), 0)
	b.refused("writing what was opened to be read", err, syscall.EBADF)
	writer := b.open("f", fsys.WriteOnly)
	_, err = writer.Pread(buf, 0)
	b.refused("reading what was opened to be written", err, syscall.EBADF)
	_, err = f.Pread(buf, -1)
	b.refused("before the beginning", err, syscall.EINVAL)
}

// CopyRange moves something, or says that reading and writing should be tried.
func testCopyRange(b *bench) {
	want := bytes.Repeat([]byte("0123456789"), 20000)
	b.file("src", string(want))
	src, dst := b.open("src", fsys.ReadOnly), b.open("dst", fsys.ReadWrite|fsys.Create)
	var done int64
	for done < int64(len(want)) {
		n, err := src.CopyRange(dst, done, done, int64(len(want))-done)
		if errors.Is(err, fsys.ErrFallback) && done == 0 {
			b.Log("this file system does not copy by itself")
			return
		}
		b.must(err)
		if n <= 0 {
			b.Fatalf("copied %d bytes without an error", n)
		}
		done += n
	}
	got := make([]byte, len(want)+1)
	n, err := dst.Pread(got, 0)
	if err != nil || !bytes.Equal(got[:n], want) {
		b.Errorf("%d bytes of %d, %v, or others", n, len(want), err)
	}
	if n, err := src.CopyRange(dst, done, done, 1); !errors.Is(err, fsys.ErrFallback) || n != 0 {
		b.Errorf("behind the end: %d, %v, want ErrFallback", n, err)
	}
}

// What SeekData and SeekHole say is what can be read: outside of data there
// are zeros only. A file system without holes has data everywhere.
func testHoles(b *bench) {
	const size, at = 4 << 20, 1 << 20
	f := b.open("f", fsys.ReadWrite|fsys.Create)
	b.must(f.Truncate(size))
	b.must(fsys.WriteFull(f, bytes.Repeat([]byte("x"), 4096), at))
	b.must(f.Sync())
	data, err := f.SeekData(0)
	b.must(err)
	hole, err := f.SeekHole(at)
	b.must(err)
	if data > at || hole < at+4096 || hole > size {
		b.Errorf("data begin at %d and end at %d, want them to hold %d to %d", data, hole, at, at+4096)
	}
	if next, err := f.SeekData(hole); hole < size && (next != 0 || !errors.Is(err, io.EOF)) {
		b.Errorf("behind the last data: %d, %v, want io.EOF", next, err)
	}
	for _, off := range []int64{size, size + 1} {
		if _, err := f.SeekData(off); !errors.Is(err, io.EOF) {
			b.Errorf("SeekData(%d): %v, want io.EOF", off, err)
		}
		if _, err := f.SeekHole(off); !errors.Is(err, io.EOF) {
			b.Errorf("SeekHole(%d): %v, want io.EOF", off, err)
		}
	}
	b.must(fsys.WriteFull(f, make([]byte, 10), size-10))
	if end, err := f.SeekHole(size - 1); err != nil || end != size {
		b.Errorf("from the last byte on: %d, %v, want the end, %d", end, err, size)
	}
}

// A handle used too late says so, and touches nothing else.
func testAfterClose(b *bench) {
	b.file("f", "x")
	f := b.open("f", fsys.ReadOnly)
	b.must(f.Close())
	_, err := f.Pread(make([]byte, 1), 0)
	b.refused("Pread", err, syscall.EBADF)
	b.refused("Close", f.Close(), syscall.EBADF)
	d, err := b.dir.OpenPath("")
	b.must(err)
	b.must(d.Close())
	_, err = d.Stat()
	b.refused("Stat", err, syscall.EBADF)
	_, err = d.StatAt("f")
	b.refused("StatAt", err, syscall.EBADF)
	b.refused("Mkdir", d.Mkdir("x", 0o700), syscall.EBADF)
	b.refused("SetTimes", d.Entry("f").SetTimes(fsys.Time{}, fsys.Time{}), syscall.EBADF)
	b.refused("OpenPath", opened(d.OpenPath("a/b")), syscall.EBADF)
}
