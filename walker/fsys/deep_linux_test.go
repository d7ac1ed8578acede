package fsys_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fsystest"
)

// levels is how deep the tests' trees are, and level the name of one: together
// many times PATH_MAX, and so too much for any single system call.
const levels = 3000

func level(i int) string { return fmt.Sprintf("%04d-%s", i, strings.Repeat("d", 35)) }

// dig makes directories in directories, and returns the lowest.
func dig(t *testing.T, d fsys.Dir, n int) (rel string) {
	t.Helper()
	names := make([]string, n)
	for i := range n {
		names[i] = level(i)
		try(t, d.Mkdir(names[i], 0o755))
		next, err := d.OpenDir(names[i], 0)
		try(t, err)
		if i > 0 {
			d.Close()
		}
		d = next
	}
	defer d.Close()
	try(t, d.Mkdir("bottom", 0o755))
	try(t, d.Symlink("bottom", "link"))
	return strings.Join(names, "/")
}

// fill removes what dig has made: os.RemoveAll would hold every directory open
// on the way down.
func fill(t *testing.T, top fsys.Dir, rel string) {
	t.Helper()
	below, err := top.OpenPath(rel)
	try(t, err)
	try(t, below.Unlink("link"))
	try(t, below.Rmdir("bottom"))
	below.Close()
	for rel != "" {
		dir, name := "", rel
		if i := strings.LastIndexByte(rel, '/'); i >= 0 {
			dir, name = rel[:i], rel[i+1:]
		}
		d, err := top.OpenPath(dir)
		try(t, err)
		try(t, d.Rmdir(name))
		d.Close()
		rel = dir
	}
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func root(t *testing.T, fs fsys.FS, path string) fsys.Dir {
	t.Helper()
	d, err := fs.Root(path, true)
	try(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

// A path longer than PATH_MAX is opened in pieces, and no link is followed in
// any of them; the kernel's walk and the one name by name find the same.
func TestDepthBeyondPathMax(t *testing.T) {
	dir := fsystest.Dirs(t)["memory"]
	if dir == "" {
		dir = t.TempDir()
	}
	n := levels
	if testing.Short() {
		n = 300
	}
	top := root(t, fsys.OS{}, dir)
	rel := dig(t, top, n)
	defer fill(t, top, rel)
	for _, fs := range []fsys.OS{{}, {NoOpenat2: true}} {
		top := root(t, fs, dir)
		for _, c := range []struct {
			path string
			want error
		}{
			{rel, nil}, {rel + "/bottom", nil}, {rel + "/link", syscall.ENOTDIR}, {rel + "/link/x", syscall.ENOTDIR},
			{rel + "/none", syscall.ENOENT}, {rel + "/bottom/" + strings.Repeat("x", 300), syscall.ENAMETOOLONG},
			{strings.Repeat("x", 5000), syscall.ENAMETOOLONG}, {strings.Repeat("x", 5000) + "/a", syscall.ENAMETOOLONG},
		} {
			d, err := top.OpenPath(c.path)
			if fsys.Errno(err) == syscall.ELOOP {
				err = syscall.ENOTDIR // openat2 says it so
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%+v: ...%s: %v, want %v", fs, c.path[max(0, len(c.path)-40):], err, c.want)
			}
			if err == nil {
				d.Close()
			}
		}
		for cut := 4090; cut < 4100 && cut < len(rel); cut++ { // just around what one call takes
			path := rel[:strings.LastIndexByte(rel[:cut], '/')]
			d, err := top.OpenPath(path)
			if err != nil {
				t.Fatalf("%+v: %d bytes: %v", fs, len(path), err)
			}
			d.Close()
		}
	}
}
