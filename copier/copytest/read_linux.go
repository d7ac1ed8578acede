package copytest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Entry is all that is compared of one entry of a tree.
type Entry struct {
	Mode     uint32 // with the kind's bits
	UID, GID uint32
	Mtime    unix.Timespec
	Size     int64  // of files
	Rdev     uint64 // of devices
	Target   string // of symbolic links
	Data     [32]byte
	Xattrs   map[string]string // all that can be seen, ACLs among them
}

// Tree is a tree as it stands, by path below its root; "." is the root.
type Tree map[string]Entry

// Read reads a tree. Paths may be longer than PATH_MAX, and names any bytes.
func Read(root string) (Tree, error) {
	dir, err := os.Open(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }() // read only: nothing to be told
	tree := make(Tree)
	e, err := read(inside(dir, "."))
	if err != nil {
		return nil, err
	}
	tree["."] = e
	return tree, tree.readDir(dir, "")
}

// inside is a path to an entry of an open directory that is short, however
// deep the directory is.
func inside(dir *os.File, name string) string {
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), name)
}

func (t Tree) readDir(dir *os.File, path string) error {
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		e, err := read(inside(dir, name))
		if err != nil {
			return fmt.Errorf("%q: %w", filepath.Join(path, name), err)
		}
		t[filepath.Join(path, name)] = e
		if e.Mode&unix.S_IFMT != unix.S_IFDIR {
			continue
		}
		if err := t.enter(dir, path, name); err != nil {
			return err
		}
	}
	return nil
}

func (t Tree) enter(dir *os.File, path, name string) error {
	sub, err := os.Open(inside(dir, name))
	if err != nil {
		return err
	}
	defer func() { _ = sub.Close() }() // read only: nothing to be told
	return t.readDir(sub, filepath.Join(path, name))
}

func read(path string) (e Entry, err error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return e, err
	}
	e = Entry{Mode: st.Mode, UID: st.Uid, GID: st.Gid, Mtime: st.Mtim}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.Size = st.Size
		e.Data, err = digest(path)
	case unix.S_IFLNK:
		e.Target, err = os.Readlink(path)
	case unix.S_IFBLK, unix.S_IFCHR:
		e.Rdev = st.Rdev
	}
	if err == nil {
		err = e.readXattrs(path)
	}
	return e, err
}

func digest(path string) (sum [32]byte, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOATIME, 0)
	if errors.Is(err, unix.EPERM) {
		f, err = os.Open(path)
	}
	if err != nil {
		return sum, err
	}
	defer func() { _ = f.Close() }() // read only: nothing to be told
	h := sha256.New()
	_, err = io.Copy(h, f)
	return [32]byte(h.Sum(nil)), err
}

func (e *Entry) readXattrs(path string) error {
	list := make([]byte, 64<<10)
	n, err := unix.Llistxattr(path, list)
	if errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list xattrs: %w", err)
	}
	e.Xattrs = make(map[string]string)
	value := make([]byte, 64<<10)
	for name := range bytes.SplitSeq(bytes.TrimSuffix(list[:n], []byte{0}), []byte{0}) {
		if len(name) == 0 {
			continue
		}
		v, err := unix.Lgetxattr(path, string(name), value)
		if err != nil {
			return fmt.Errorf("get xattr %q: %w", name, err)
		}
		e.Xattrs[string(name)] = strings.Clone(string(value[:v]))
	}
	return nil
}
