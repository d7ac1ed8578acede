package fsystest

import (
	"strings"
	"syscall"

	"gdcp/walker/fsys"
)

func testNoFollow(b *bench) {
	b.must(b.dir.Mkdir("d", 0o755))
	b.file("file", "mine")
	b.must(b.dir.Symlink("d", "to-dir"))
	b.must(b.dir.Symlink("file", "to-file"))
	b.must(b.dir.Symlink("nowhere", "to-nothing"))
	before := b.stat("file")
	for _, name := range []string{"to-dir", "to-file", "to-nothing"} {
		b.refused("Open "+name, opened(b.dir.Open(name, fsys.ReadOnly, 0)), syscall.ELOOP)
		b.refused("Open to write "+name, opened(b.dir.Open(name, fsys.WriteOnly|fsys.Truncate, 0)), syscall.ELOOP)
		b.refused("Create "+name, opened(b.dir.Open(name, fsys.WriteOnly|fsys.Create, 0o600)), syscall.ELOOP)
		b.refused("Create anew "+name, opened(b.dir.Open(name, fsys.WriteOnly|fsys.Create|fsys.Exclusive, 0o600)), syscall.EEXIST)
		b.refused("OpenDir "+name, opened(b.dir.OpenDir(name, 0)), syscall.ENOTDIR, syscall.ELOOP)
		b.refused("OpenPath "+name, opened(b.dir.OpenPath(name)), syscall.ENOTDIR, syscall.ELOOP)
		b.refused("Mkdir "+name, b.dir.Mkdir(name, 0o700), syscall.EEXIST)
		if st := b.stat(name); st.Kind != fsys.Symlink {
			b.Errorf("%s is a %v", name, st.Kind)
		}
		b.refused("Chmod "+name, b.dir.Entry(name).Chmod(0o777), syscall.EOPNOTSUPP)
	}
	if after := b.stat("file"); !after.Unchanged(&before) {
		b.Errorf("the file behind the link has changed: %+v, was %+v", after, before)
	}
	_, err := b.dir.StatAt("nowhere")
	b.refused("what the link to nothing names", err, syscall.ENOENT)
}

func testFollow(b *bench) {
	b.must(b.dir.Mkdir("d", 0o755))
	b.file("file", "mine")
	b.must(b.dir.Symlink("d", "to-dir"))
	b.must(b.dir.Symlink("file", "to-file"))
	b.must(opened(b.dir.Open("to-file", fsys.ReadOnly|fsys.Follow, 0)))
	b.must(opened(b.dir.OpenDir("to-dir", fsys.Follow)))
	if st, err := b.dir.StatFollow("to-file"); err != nil || st.Kind != fsys.Regular || st.Size != 4 {
		b.Errorf("behind the link: got %+v, %v, want a file of 4 bytes", st, err)
	}
	for _, target := range []string{"x", "a/b", "/", strings.Repeat("t", 255), strings.Repeat("x/", 500) + "\xff\n"} {
		b.must(b.dir.Symlink(target, "link"))
		if got, err := b.dir.Readlink("link"); got != target {
			b.Errorf("the link to %q says %q, %v", target, got, err)
		}
		b.must(b.dir.Unlink("link"))
	}
	_, err := b.dir.Readlink("file")
	b.refused("Readlink of a file", err, syscall.EINVAL)
}

// OpenPath refuses a link wherever on the way it is.
func testLinkOnTheWay(b *bench) {
	b.must(b.dir.Mkdir("a", 0o755))
	a := b.subdir(b.dir, "a")
	b.must(a.Mkdir("b", 0o755))
	under := b.subdir(a, "b")
	b.must(under.Mkdir("c", 0o755))
	b.must(b.dir.Symlink("a", "first"))
	b.must(a.Symlink("b", "middle"))
	b.must(under.Symlink("c", "last"))
	b.must(under.Symlink("/", "out"))
	want, err := under.StatAt("c")
	b.must(err)
	c, err := b.dir.OpenPath("a/b/c")
	b.must(err)
	if st, err := c.Stat(); err != nil || !st.SameFile(&want) {
		b.Errorf("a/b/c is another directory: %+v, %v", st, err)
	}
	b.must(c.Close())
	for _, path := range []string{"first/b/c", "a/middle/c", "a/b/last", "a/b/out/tmp", "first"} {
		b.refused("OpenPath "+path, opened(b.dir.OpenPath(path)), syscall.ENOTDIR, syscall.ELOOP)
	}
	b.refused("OpenPath to nothing", opened(b.dir.OpenPath("a/none/c")), syscall.ENOENT)
	self, err := b.dir.OpenPath("")
	b.must(err)
	defer self.Close()
	if got := list(b, self, 4096); len(got) != 2 {
		b.Errorf("the directory by another descriptor has %v", got)
	}
	if got := list(b, b.dir, 4096); len(got) != 2 {
		b.Errorf("the directory's own position has moved: %v is left", got)
	}
}
