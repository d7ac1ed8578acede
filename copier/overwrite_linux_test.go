package copier

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"gdcp/copier/attrs"
	"gdcp/copier/copytest"
	"gdcp/walker/fsys"
)

// makers make one entry of a kind; outside is a directory with a file that
// links point to.
func makers(outside string) map[string]func(path string) error {
	return map[string]func(path string) error{
		"nothing":    func(string) error { return nil },
		"file":       func(p string) error { return os.WriteFile(p, []byte("content of "+p), 0o640) },
		"empty file": func(p string) error { return os.WriteFile(p, nil, 0o400) },
		"executable": func(p string) error { return os.WriteFile(p, []byte(content(70_000, 5)), 0o4755) },
		"directory":  func(p string) error { return os.Mkdir(p, 0o751) },
		"full directory": func(p string) error {
			return os.MkdirAll(filepath.Join(p, "in", "it"), 0o700)
		},
		"link":           func(p string) error { return os.Symlink("some/where", p) },
		"link to file":   func(p string) error { return os.Symlink(filepath.Join(outside, "file"), p) },
		"link to dir":    func(p string) error { return os.Symlink(outside, p) },
		"link to itself": func(p string) error { return os.Symlink(filepath.Base(p), p) },
		"fifo":           func(p string) error { return unix.Mkfifo(p, 0o620) },
		"socket":         func(p string) error { return unix.Mknod(p, unix.S_IFSOCK|0o620, 0) },
	}
}

// Each kind over each other: the copy is the source's, or, where a directory is
// in the way or in question, that is said and nothing is lost. What a link at
// the destination points to is never touched.
func TestOverwrite(t *testing.T) {
	for from := range makers("") {
		for to := range makers("") {
			if from == "nothing" {
				continue
			}
			t.Run(from+" over "+to, func(t *testing.T) { overwrite(t, from, to) })
		}
	}
}

func overwrite(t *testing.T, from, to string) {
	src, dst := srcDst(t)
	outside := filepath.Join(filepath.Dir(src), "outside")
	for _, dir := range []string{src, dst, outside} {
		mkdir(t, dir)
	}
	put(t, filepath.Join(outside, "file"), "precious")
	kinds := makers(outside)
	try(t, kinds[from](filepath.Join(src, "x")))
	put(t, filepath.Join(src, "y"), "beside it")
	try(t, kinds[to](filepath.Join(dst, "x")))
	before, err := copytest.Read(outside)
	try(t, err)
	old, err := copytest.Read(dst)
	try(t, err)

	r := crew{Options: Options{Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t), BufSize: 16 << 10, Chunk: MinChunk}}.run(t)

	after, err := copytest.Read(outside)
	try(t, err)
	for _, line := range copytest.Diff(before, after, copytest.Ignore{}) {
		t.Errorf("outside of the destination: %s", line)
	}
	isDir := map[string]bool{"directory": true, "full directory": true}
	switch {
	case isDir[from] != isDir[to] && to != "nothing":
		r.only(t, Failed, filepath.Join(src, "x"), "is in the way")
		got, err := copytest.Read(dst)
		try(t, err)
		delete(got, "y")
		for _, line := range copytest.Diff(old, got, copytest.Ignore{Root: true}) {
			t.Errorf("what was in the way has changed: %s", line)
		}
	case from == "directory" && to == "full directory":
		r.fine(t)
		if _, err := os.Stat(filepath.Join(dst, "x/in/it")); err != nil {
			t.Errorf("what the source has not is gone from the destination: %v", err)
		}
	default:
		r.fine(t)
		copytest.Equal(t, src, dst)
	}
}

// A file that is running cannot be written, but replaced.
func TestOverRunningProgram(t *testing.T) {
	src, dst := srcDst(t)
	mkdir(t, src)
	mkdir(t, dst)
	put(t, filepath.Join(src, "program"), "#!/bin/sh")
	sleep, err := os.ReadFile("/bin/sleep")
	try(t, err)
	program := filepath.Join(dst, "program")
	try(t, os.WriteFile(program, sleep, 0o755)) //nolint:gosec // it is to be run
	p, err := os.StartProcess(program, []string{"sleep", "60"}, &os.ProcAttr{})
	try(t, err)
	defer func() { _ = p.Kill(); _, _ = p.Wait() }()
	crew{Options: Options{Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t)}}.run(t).fine(t)
	copytest.Equal(t, src, dst)
}

// A socket that somebody listens on, and a fifo that somebody reads, are not
// written to: they are replaced.
func TestNothingIsSentToListeners(t *testing.T) {
	src, dst := srcDst(t)
	mkdir(t, src)
	mkdir(t, dst)
	put(t, filepath.Join(src, "socket"), "secret")
	put(t, filepath.Join(src, "fifo"), "secret")
	l, err := net.Listen("unix", filepath.Join(dst, "socket"))
	try(t, err)
	defer l.Close()
	try(t, unix.Mkfifo(filepath.Join(dst, "fifo"), 0o600))
	reader, err := os.OpenFile(filepath.Join(dst, "fifo"), os.O_RDONLY|unix.O_NONBLOCK, 0)
	try(t, err)
	defer reader.Close()
	crew{Options: Options{Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t)}}.run(t).fine(t)
	copytest.Equal(t, src, dst)
	if n, err := unix.Read(int(reader.Fd()), make([]byte, 10)); n > 0 {
		t.Errorf("%d bytes came through the fifo, %v", n, err)
	}
}

// Without --preserve=mode a new directory gets what a new directory gets, and
// one that was there keeps its mode.
func TestModeIsNotPreserved(t *testing.T) {
	src, dst := srcDst(t)
	for _, sub := range []string{"new/deep", "old"} {
		mkdir(t, filepath.Join(src, sub))
		put(t, filepath.Join(src, sub, "file"), "x")
	}
	mkdir(t, filepath.Join(dst, "old"))
	try(t, os.Chmod(filepath.Join(dst, "old"), 0o750))
	a := everything(t)
	a.Preserve &^= attrs.Mode
	for range 2 {
		crew{Options: Options{Sources: []string{src + "/"}, Dest: dst, Attrs: a}}.run(t).fine(t)
		for path, want := range map[string]uint32{"new": 0o755, "new/deep": 0o755, "old": 0o750, "new/deep/file": 0o644} {
			st, err := fsys.OS{}.Stat(filepath.Join(dst, path), false)
			try(t, err)
			if st.Mode != want {
				t.Errorf("%s", fmt.Sprintf("%s has the mode %04o, want %04o", path, st.Mode, want))
			}
		}
	}
}
