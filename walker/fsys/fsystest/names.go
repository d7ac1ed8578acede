package fsystest

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"gdcp/walker/fsys"
)

func testRoot(b *bench) {
	b.file("file", "x")
	b.must(b.dir.Mkdir("dir", 0o700))
	b.must(b.dir.Symlink("dir", "link"))
	at := func(name string) string { return filepath.Join(b.path, name) }
	b.refused("a file", opened(b.fs.Root(at("file"), true)), syscall.ENOTDIR)
	b.refused("a link", opened(b.fs.Root(at("link"), false)), syscall.ENOTDIR, syscall.ELOOP)
	b.refused("nothing", opened(b.fs.Root(at("none"), true)), syscall.ENOENT)
	b.must(opened(b.fs.Root(at("link"), true)))
	for follow, want := range map[bool]fsys.Kind{false: fsys.Symlink, true: fsys.Directory} {
		if st, err := b.fs.Stat(at("link"), follow); err != nil || st.Kind != want {
			b.Errorf("stat of a link, follow %v: a %v, %v", follow, st.Kind, err)
		}
	}
	_, err := b.fs.Stat(at("none"), true)
	b.refused("stat of nothing", err, syscall.ENOENT)
}

// oddNames are names of any bytes.
func oddNames() []string {
	names := []string{
		"...", "-rf", " ", "a\nb", "tab\t", `back\slash`, "quote'\"", "*?[", "\xff\xfe", "ü", "\x01", "trailing ",
		"\u202egnp.exe", strings.Repeat("n", 255), strings.Repeat("\xf0", 255),
	}
	for c := 1; c < 256; c++ {
		if c != '/' {
			names = append(names, string([]byte{byte(c), 'c'}))
		}
	}
	return names
}

func testNames(b *bench) {
	names := oddNames()
	for i, name := range names {
		b.file(name, fmt.Sprint(i))
	}
	for i, name := range names {
		if got := b.content(name); got != fmt.Sprint(i) {
			b.Errorf("%q holds %q, want %d", name, got, i)
		}
		b.must(b.dir.Entry(name).SetTimes(fsys.Time{Sec: 1}, fsys.Time{Sec: 2}))
		_, err := b.dir.Entry(name).ListXattr(nil)
		if can(err) {
			b.must(err)
		}
	}
	found := list(b, b.dir, 32<<10)
	for _, name := range names {
		if !found[name] {
			b.Errorf("%q is not listed", name)
		}
	}
	if len(found) != len(names) {
		b.Errorf("%d names are listed, %d were made", len(found), len(names))
	}
}

// testRefusedNames tries the names that lead out of the directory, or nowhere.
func testRefusedNames(b *bench) {
	b.must(b.dir.Mkdir("d", 0o700))
	b.file("f", "")
	for _, name := range []string{"", ".", "..", "/", "/etc", "d/..", "d/x", "d/", "../x", "nul\x00"} {
		for what, err := range b.everything(name) {
			b.refused(fmt.Sprintf("%s %q", what, name), err, syscall.EINVAL)
		}
	}
	for _, rel := range []string{".", "..", "d/..", "/d", "d/", "d//d", "./d", "d/../d", "d\x00"} {
		b.refused(fmt.Sprintf("OpenPath %q", rel), opened(b.dir.OpenPath(rel)), syscall.EINVAL)
	}
	for _, n := range []int{256, 300, 5000} {
		_, err := b.dir.StatAt(strings.Repeat("n", n))
		b.refused("a long name", err, syscall.ENAMETOOLONG)
	}
}

// everything makes each operation that takes a name.
func (b *bench) everything(name string) map[string]error {
	_, stat := b.dir.StatAt(name)
	_, follow := b.dir.StatFollow(name)
	_, readlink := b.dir.Readlink(name)
	e := b.dir.Entry(name)
	_, entry := e.Stat()
	_, listed := e.ListXattr(nil)
	_, got := e.GetXattr("user.a", nil)
	return map[string]error{
		"StatAt": stat, "StatFollow": follow, "Readlink": readlink,
		"OpenDir": opened(b.dir.OpenDir(name, 0)),
		"Open":    opened(b.dir.Open(name, fsys.WriteOnly|fsys.Create, 0o600)),
		"Mkdir":   b.dir.Mkdir(name, 0o700),
		"Symlink": b.dir.Symlink("t", name),
		"Mknod":   b.dir.Mknod(name, fsys.Fifo, 0o600, 0),
		"Link to": b.dir.Link("f", b.dir, name), "Link": b.dir.Link(name, b.dir, "g"),
		"Unlink": b.dir.Unlink(name), "Rmdir": b.dir.Rmdir(name),
		"Stat": entry, "Chown": e.Chown(fsys.Keep, fsys.Keep), "Chmod": e.Chmod(0o600),
		"SetTimes":  e.SetTimes(fsys.Time{}, fsys.Time{}),
		"ListXattr": listed, "GetXattr": got,
		"SetXattr": e.SetXattr("user.a", nil), "RemoveXattr": e.RemoveXattr("user.a"),
	}
}

// opened closes what was opened, and returns the error if nothing was.
func opened[T interface{ Close() error }](handle T, err error) error {
	if err != nil {
		return err
	}
	return handle.Close()
}

// list reads a whole directory, size bytes at a time.
func list(b *bench, d fsys.Dir, size int) map[string]bool {
	b.Helper()
	found := map[string]bool{}
	buf := make([]byte, size)
	for {
		ents, done, err := d.ReadDir(buf)
		b.must(err)
		for e, ok := ents.Next(); ok; e, ok = ents.Next() {
			if found[string(e.Name)] {
				b.Errorf("%q is listed twice", e.Name)
			}
			found[string(e.Name)] = true
		}
		if done {
			return found
		}
	}
}
