package copier

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gdcp/copier/copytest"
	"gdcp/scripts/need"
	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

// What is wrong with one file is said about it, whatever operation it was; it
// does not get its source's time, and the others are right.
func TestOneFileFails(t *testing.T) {
	for _, c := range []struct {
		name, verb, path string
		effect           fault.Effect
		size             int
		op               string
	}{
		{"read", "read", "src/x", fault.Effect{Err: syscall.EIO}, 1000, "read: input/output error"},
		{"read of a segment", "read", "src/x", fault.Effect{Err: syscall.EIO}, 150_000, "read: input/output error"},
		{"write", "write", "dst/x", fault.Effect{Err: syscall.ENOSPC}, 1000, "write: no space left"},
		{"write of a segment", "write", "dst/x", fault.Effect{Err: syscall.EDQUOT}, 150_000, "write: disk quota"},
		{"copy by the kernel", "copy", "src/x", fault.Effect{Err: syscall.ENOSPC}, 300_000, "copy: no space left"},
		{"close", "close", "dst/x", fault.Effect{Err: syscall.EIO}, 1000, "close: input/output error"},
		{"close of a segment", "close", "dst/x", fault.Effect{Err: syscall.EDQUOT}, 150_000, "close: disk quota"},
		{"create", "open", "dst/x", fault.Effect{Err: syscall.EMFILE}, 1000, "create: too many open files"},
		{"open", "open", "src/x", fault.Effect{Err: syscall.EACCES}, 1000, "open: permission denied"},
		{"truncate", "truncate", "dst/x", fault.Effect{Err: syscall.EFBIG}, 150_000, "truncate: file too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, dst := srcDst(t)
			mkdir(t, src)
			for _, name := range []string{"w", "x", "y"} {
				put(t, filepath.Join(src, name), content(c.size, name[0]))
			}
			age(t, src)
			chunk := int64(MinChunk)
			if c.size >= kernelCopy {
				chunk = 4 * kernelCopy
			}
			fs := fault.New(fsys.OS{}, fault.On(c.verb, c.path, c.effect))
			r := crew{workers: 2, Options: Options{FS: fs, Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t), BufSize: 16 << 10, Chunk: chunk}}.run(t)
			if r.Failed != 1 || r.Changed+r.Vanished+r.Lossy > 0 {
				t.Errorf("counted %+v, want one failure", r.Tally)
			}
			for _, p := range r.problems {
				if p.Path != filepath.Join(src, "x") || !strings.HasPrefix(p.Group(), c.op) || p.Host != "node0" {
					t.Errorf("problem %+v, want %s of x", p, c.op)
				}
			}
			r.accounted(t, src, dst)
			if stamped := honest(t, src, dst); stamped != 2 {
				t.Errorf("%d of 3 files have their source's mtime, want all but x", stamped)
			}
			if r.Kind[fsys.Regular] != 2 || r.Kind[fsys.Directory] != 1 {
				t.Errorf("counted %+v, want 2 files and 1 directory", r.Kind)
			}
		})
	}
}

// Short reads and writes are gone on with, and what the kernel will not copy is
// read and written.
func TestShort(t *testing.T) {
	for name, inject := range map[string]fault.Injector{
		"7 bytes at a time":  fault.Short(7),
		"none by the kernel": fault.On("copy", "", fault.Effect{Err: fsys.ErrFallback}),
		"some by the kernel": func(op fault.Op) fault.Effect {
			if op.Verb == "copy" && op.Off > 50_000 {
				return fault.Effect{Err: fsys.ErrFallback}
			}
			return fault.Effect{Most: 60_000}
		},
	} {
		t.Run(name, func(t *testing.T) {
			src, dst := srcDst(t)
			mkdir(t, src)
			put(t, filepath.Join(src, "small"), content(10_000, 1))
			put(t, filepath.Join(src, "large"), content(300_000, 2))
			r := crew{Options: Options{FS: fault.New(fsys.OS{}, inject), Sources: []string{src}, Dest: dst, Attrs: everything(t)}}.run(t)
			r.fine(t)
			copytest.Equal(t, src, dst)
			if r.Bytes != 310_000 {
				t.Errorf("%d bytes counted", r.Bytes)
			}
		})
	}
}

// A file system that is full: what fitted is whole, what did not has not its
// source's mtime, and the reason is said.
func TestFullDestination(t *testing.T) {
	need.Root(t)
	mount := filepath.Join(t.TempDir(), "small")
	mkdir(t, mount)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=512k", "none", mount).CombinedOutput(); err != nil {
		need.Lacking(t, "mount", fmt.Sprintf("%v: %s", err, out))
	}
	defer func() { _ = syscall.Unmount(mount, 0) }()
	src, _ := srcDst(t)
	mkdir(t, src)
	for i := range 40 {
		put(t, filepath.Join(src, fmt.Sprint("file-", i)), content(20_000, byte(i)))
	}
	put(t, filepath.Join(src, "large"), content(300_000, 99))
	dst := filepath.Join(mount, "dst")
	r := crew{ranks: 2, workers: 2, Options: Options{Sources: []string{src}, Dest: dst, Attrs: everything(t), BufSize: 32 << 10, Chunk: MinChunk}}.run(t)
	stamped := honest(t, src, dst)
	if stamped == 0 || stamped == 41 || int64(stamped) != r.Kind[fsys.Regular] || r.Failed != 41-int64(stamped) {
		t.Errorf("%d files have their source's mtime; counted %+v", stamped, r.Tally)
	}
	for _, p := range r.problems {
		if !strings.Contains(p.Cause, "no space left on device") {
			t.Errorf("problem %v", p)
		}
	}
	r.accounted(t, src, dst)
}

// A source directory that cannot be read is a failure of that directory, and
// its copy does not get its time.
func TestUnreadableDirectory(t *testing.T) {
	src, dst := srcDst(t)
	mkdir(t, filepath.Join(src, "sub"))
	put(t, filepath.Join(src, "sub/file"), "x")
	put(t, filepath.Join(src, "y"), "y")
	age(t, filepath.Join(src, "sub"))
	fs := fault.New(fsys.OS{}, fault.On("list", "src/sub", fault.Effect{Err: syscall.EIO}))
	r := crew{Options: Options{FS: fs, Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t)}}.run(t)
	r.only(t, Failed, filepath.Join(src, "sub"), "list: input/output error")
	if hasOldTime(t, filepath.Join(dst, "sub")) {
		t.Error("the copy of what was not read to its end has its source's mtime")
	}
	if _, err := os.Stat(filepath.Join(dst, "y")); err != nil {
		t.Error(err)
	}
}

// A file at the destination that has its source's size and time already, as
// after an earlier copy, loses the time before anything can go wrong with it.
func TestOverwritingFails(t *testing.T) {
	for what, size := range map[string]int{"small": 1000, "in segments": 150_000} {
		for _, verb := range []string{"write", "close"} {
			t.Run(what+", "+verb, func(t *testing.T) {
				src, dst := srcDst(t)
				mkdir(t, src)
				mkdir(t, dst)
				put(t, filepath.Join(src, "x"), content(size, 1))
				put(t, filepath.Join(dst, "x"), content(size, 2))
				o := sweepOptions
				o.FS = fault.New(fsys.OS{}, fault.On(verb, "dst/x", fault.Effect{Err: syscall.EIO}))
				o.Sources, o.Dest, o.Attrs = []string{src + "/"}, dst, everything(t)
				crew{Options: o}.run(t)
				if hasOldTime(t, filepath.Join(dst, "x")) {
					t.Error("what was not overwritten has its source's mtime")
				}
			})
		}
	}
}

// What somebody appends to the copy while it is made is cut off.
func TestCopyGrows(t *testing.T) {
	src, dst := srcDst(t)
	mkdir(t, src)
	mkdir(t, dst)
	put(t, filepath.Join(src, "x"), content(1000, 1))
	put(t, filepath.Join(dst, "x"), "old")
	age(t, src)
	fs := fault.New(fsys.OS{}, once("write", "dst/x", func() { try(t, os.Truncate(filepath.Join(dst, "x"), 5000)) }))
	crew{Options: Options{FS: fs, Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t)}}.run(t).fine(t)
	copytest.Equal(t, src, dst)
}
