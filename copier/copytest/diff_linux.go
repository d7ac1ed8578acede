package copytest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// Ignore says what is not compared. The zero value compares everything.
type Ignore struct {
	Owner  bool // as when the copy was not made by root
	Mode   bool
	Mtime  bool
	Xattrs bool // ACLs too
	Root   bool // all of the root but its kind
}

// Diff compares two trees, and returns a line for each difference, by path.
// Times of access are left out: who reads a tree changes them.
func Diff(src, dst Tree, ignore Ignore) (lines []string) {
	paths := maps.Clone(src)
	maps.Copy(paths, dst)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		a, inSrc := src[path]
		b, inDst := dst[path]
		switch {
		case !inDst:
			lines = append(lines, fmt.Sprintf("%q is missing", path))
		case !inSrc:
			lines = append(lines, fmt.Sprintf("%q is too many", path))
		default:
			ig := ignore
			if path == "." && ignore.Root {
				ig = Ignore{Owner: true, Mode: true, Mtime: true, Xattrs: true}
			}
			for _, d := range diffEntry(a, b, ig) {
				lines = append(lines, fmt.Sprintf("%q: %s", path, d))
			}
		}
	}
	return lines
}

func diffEntry(a, b Entry, ignore Ignore) (lines []string) {
	differ := func(relevant bool, what string, x, y any) {
		if relevant && x != y {
			lines = append(lines, fmt.Sprintf("%s %v, want %v", what, y, x))
		}
	}
	if x, y := a.Mode&unix.S_IFMT, b.Mode&unix.S_IFMT; x != y {
		return []string{fmt.Sprintf("kind %o, want %o", y, x)}
	}
	differ(!ignore.Mode, "mode", fmt.Sprintf("%04o", a.Mode&0o7777), fmt.Sprintf("%04o", b.Mode&0o7777))
	differ(!ignore.Owner, "owner", a.UID, b.UID)
	differ(!ignore.Owner, "group", a.GID, b.GID)
	differ(!ignore.Mtime, "mtime", fmt.Sprint(a.Mtime), fmt.Sprint(b.Mtime))
	differ(true, "size", a.Size, b.Size)
	differ(a.Size == b.Size, "data", fmt.Sprintf("%x", a.Data[:8]), fmt.Sprintf("%x", b.Data[:8]))
	differ(true, "target", fmt.Sprintf("%q", a.Target), fmt.Sprintf("%q", b.Target))
	differ(true, "device", a.Rdev, b.Rdev)
	if !ignore.Xattrs {
		names := maps.Clone(a.Xattrs)
		if names == nil {
			names = make(map[string]string)
		}
		maps.Copy(names, b.Xattrs)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			differ(true, "xattr "+name, shown(a.Xattrs, name), shown(b.Xattrs, name))
		}
	}
	return lines
}

func shown(xattrs map[string]string, name string) string {
	if v, ok := xattrs[name]; ok {
		return fmt.Sprintf("%q", v)
	}
	return "none"
}

// Compare reads two trees and compares them.
func Compare(src, dst string, ignore Ignore) ([]string, error) {
	a, err := Read(src)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", src, err)
	}
	b, err := Read(dst)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dst, err)
	}
	return Diff(a, b, ignore), nil
}

// Equal fails the test if two trees differ, and shows where.
func Equal(t testing.TB, src, dst string) {
	t.Helper()
	EqualBut(t, src, dst, Ignore{})
}

// EqualBut is Equal without what ignore leaves out.
func EqualBut(t testing.TB, src, dst string, ignore Ignore) {
	t.Helper()
	lines, err := Compare(src, dst, ignore)
	if err != nil {
		t.Fatal(err)
	}
	const most = 30
	for _, line := range lines[:min(len(lines), most)] {
		t.Error(line)
	}
	if more := len(lines) - most; more > 0 {
		t.Errorf("and %d differences more", more)
	}
}
