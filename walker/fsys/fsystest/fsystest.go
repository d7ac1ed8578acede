package fsystest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"

	"gdcp/walker/fsys"
)

// Dirs makes an empty directory on each kind of file system that is here: the
// one of temporary files, and one in memory. They are removed at the test's end.
func Dirs(t *testing.T) map[string]string {
	t.Helper()
	dirs := map[string]string{"disk": t.TempDir()}
	if shm, err := os.MkdirTemp("/dev/shm", "gdcp-test-"); err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(shm) }) // what is left there is seen by others
		dirs["memory"] = shm
	}
	return dirs
}

// Test checks fs, in an empty directory for each part of the suite that it
// makes in dir.
func Test(t *testing.T, fs fsys.FS, dir string) {
	for i, part := range []struct {
		name string
		run  func(*bench)
	}{
		{"root", testRoot},
		{"names", testNames},
		{"refused names", testRefusedNames},
		{"links are not followed", testNoFollow},
		{"links are followed on request", testFollow},
		{"a link on the way", testLinkOnTheWay},
		{"kinds", testKinds},
		{"fifo", testFifo},
		{"listing", testListing},
		{"create", testCreate},
		{"hard links", testHardLinks},
		{"removing", testRemoving},
		{"reading and writing", testReadWrite},
		{"copy by the kernel", testCopyRange},
		{"holes", testHoles},
		{"times", testTimes},
		{"times of a link", testLinkTimes},
		{"modes", testModes},
		{"owners", testOwners},
		{"xattrs", testXattrs},
		{"xattrs of a link", testLinkXattrs},
		{"after close", testAfterClose},
	} {
		t.Run(part.name, func(t *testing.T) {
			top, err := fs.Root(dir, true)
			if err != nil {
				t.Fatal(err)
			}
			defer top.Close()
			name := fmt.Sprint(i)
			b := &bench{T: t, fs: fs, path: dir + "/" + name}
			b.must(top.Mkdir(name, 0o755))
			b.dir = b.subdir(top, name)
			part.run(b)
		})
	}
}

// bench is one part of the suite at work.
type bench struct {
	*testing.T
	fs   fsys.FS
	path string
	dir  fsys.Dir // of that path, empty
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// refused checks that an operation failed, for one of these reasons.
func (b *bench) refused(what string, err error, reasons ...syscall.Errno) {
	b.Helper()
	if !slices.ContainsFunc(reasons, func(no syscall.Errno) bool { return errors.Is(err, no) }) {
		b.Errorf("%s: got %v, want %v", what, err, reasons)
	}
}

// subdir opens a directory until the test ends.
func (b *bench) subdir(in fsys.Dir, name string) fsys.Dir {
	b.Helper()
	d, err := in.OpenDir(name, 0)
	b.must(err)
	b.Cleanup(func() { _ = d.Close() }) // it may have been closed
	return d
}

// file makes a file with this content.
func (b *bench) file(name, content string) {
	b.Helper()
	f := b.open(name, fsys.WriteOnly|fsys.Create|fsys.Exclusive)
	b.must(fsys.WriteFull(f, []byte(content), 0))
	b.must(f.Close())
}

// open opens a file until the test ends.
func (b *bench) open(name string, flags fsys.Flags) fsys.File {
	b.Helper()
	f, err := b.dir.Open(name, flags, 0o644)
	b.must(err)
	b.Cleanup(func() { _ = f.Close() }) // it may have been closed
	return f
}

// content reads a file, of 64 KiB at most.
func (b *bench) content(name string) string {
	b.Helper()
	f := b.open(name, fsys.ReadOnly)
	buf := make([]byte, 1<<16)
	n, err := f.Pread(buf, 0)
	b.must(err)
	return string(buf[:n])
}

func (b *bench) stat(name string) fsys.Stat {
	b.Helper()
	st, err := b.dir.StatAt(name)
	b.must(err)
	return st
}

// can says whether this file system, or this user, has what a call wants.
func can(err error) bool {
	return !errors.Is(err, syscall.EOPNOTSUPP) && !errors.Is(err, syscall.EPERM)
}
