package copier

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"gdcp/copier/copytest"
	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

// smallTree makes a tree with one of each thing that the copier treats in its
// own way, and few of them.
func smallTree(t testing.TB, src string) {
	t.Helper()
	for _, dir := range []string{"empty", "sub/deep"} {
		mkdir(t, filepath.Join(src, dir))
	}
	put(t, filepath.Join(src, "small"), content(100, 1))
	put(t, filepath.Join(src, "zero"), "")
	put(t, filepath.Join(src, "sub/one-segment"), content(30_000, 2))
	put(t, filepath.Join(src, "segments"), content(150_000, 3))
	put(t, filepath.Join(src, "sub/deep/by-kernel"), content(270_000, 4))
	try(t, os.Symlink("small", filepath.Join(src, "link")))
	try(t, unix.Mkfifo(filepath.Join(src, "sub/fifo"), 0o640))
	_ = unix.Lsetxattr(filepath.Join(src, "small"), "user.a", []byte("v"), 0) // where there are any
	for _, path := range []string{"sub/deep", "sub/fifo", "sub", "link", "empty", "."} {
		age(t, filepath.Join(src, path))
	}
}

// sweep copies once for each operation that a copy is made of, and fails that
// operation. Whatever it was: the job ends, what is not equal was reported, no
// file has its source's mtime that is not whole, and all others are right.
func sweep(t *testing.T, c crew, e fault.Effect, prepare func(dst string)) {
	base := tempDir(t)
	src := filepath.Join(base, "src")
	smallTree(t, src)
	silent := 0
	for i := 0; ; i++ {
		dst := filepath.Join(base, fmt.Sprint(i))
		prepare(dst)
		fs := fault.New(fsys.OS{}, func(op fault.Op) fault.Effect {
			if op.N == i {
				return e
			}
			return fault.Effect{}
		})
		c.Options.Sources, c.Options.Dest, c.Options.FS = []string{src + "/"}, dst, fs
		r := c.run(t)
		if fs.Ops() <= i {
			r.fine(t)
			copytest.Equal(t, src, dst)
			t.Logf("%d operations; %d of them may fail without a word", i, silent)
			return
		}
		honest(t, src, dst)
		switch {
		case r.out.Cancelled:
			if r.out.Why == "" {
				t.Errorf("operation %d: refused without a reason", i)
			}
		case len(r.errs) > 0: // of the job as a whole; the copy is there all the same
			r.accounted(t, src, dst)
		default:
			r.accounted(t, src, dst)
			if len(r.problems) == 0 {
				silent++
			}
		}
		if left, _ := filepath.Glob(filepath.Join(base, ".gdcp-*")); len(left) > 0 {
			t.Errorf("%q is left behind", left)
		}
		if t.Failed() {
			t.Fatalf("with %+v of operation %d", e, i)
		}
		try(t, os.RemoveAll(dst))
	}
}

// overOther makes what a copy has to overwrite, or to put aside.
func overOther(t *testing.T) func(dst string) {
	return func(dst string) {
		mkdir(t, filepath.Join(dst, "sub"))
		try(t, os.WriteFile(filepath.Join(dst, "small"), []byte("longer than it was before, or shorter"), 0o600))
		try(t, os.WriteFile(filepath.Join(dst, "segments"), []byte(content(200_000, 9)), 0o600))
		try(t, os.Symlink("/dev/null", filepath.Join(dst, "zero")))
		try(t, os.Symlink("elsewhere", filepath.Join(dst, "link")))
	}
}

func intoNothing(string) {}

var sweepOptions = Options{BufSize: 16 << 10, Chunk: MinChunk}

func TestEveryOperationFails(t *testing.T) {
	c := crew{Options: sweepOptions}
	c.Attrs = everything(t)
	errnos := []syscall.Errno{syscall.EIO, syscall.ENOENT, syscall.EEXIST}
	if testing.Short() {
		errnos = errnos[:1]
	}
	for _, errno := range errnos {
		t.Run(errno.Error(), func(t *testing.T) { sweep(t, c, fault.Effect{Err: errno}, intoNothing) })
		t.Run(errno.Error()+" over another tree", func(t *testing.T) { sweep(t, c, fault.Effect{Err: errno}, overOther(t)) })
	}
}

// An operation that was made although it says that it failed, as over a network
// that lost the answer.
func TestEveryOperationFailsAfterwards(t *testing.T) {
	if testing.Short() {
		t.Skip("the sweep of operations that were not made is the shorter one")
	}
	c := crew{Options: sweepOptions}
	c.Attrs = everything(t)
	sweep(t, c, fault.Effect{Err: syscall.EIO, Late: true}, intoNothing)
	sweep(t, c, fault.Effect{Err: syscall.ESTALE, Late: true}, overOther(t))
}

// The same with several ranks and workers, where which operation it is differs
// from run to run.
func TestEveryOperationFailsAmongWorkers(t *testing.T) {
	c := crew{ranks: 2, workers: 3, Options: sweepOptions}
	c.Attrs = everything(t)
	sweep(t, c, fault.Effect{Err: syscall.ENOSPC}, intoNothing)
}
