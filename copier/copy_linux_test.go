package copier

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"gdcp/copier/copytest"
	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

// The copy is cp -a's, however many ranks and workers make it, and however
// large the pieces are.
func TestEqualsSource(t *testing.T) {
	sizes := []int{1, 2, 4, 7}
	if testing.Short() {
		sizes = []int{1, 4}
	}
	for _, ranks := range sizes {
		for _, workers := range []int{1, 8} {
			for _, chunk := range []int64{0, MinChunk} {
				name := fmt.Sprintf("%d ranks, %d workers, segments of %d", ranks, workers, chunk)
				t.Run(name, func(t *testing.T) {
					equalsSource(t, tempDir(t), crew{ranks: ranks, workers: workers, Options: Options{Chunk: chunk, BufSize: 64 << 10}})
				})
			}
		}
	}
}

// The same where a sync takes its time.
func TestEqualsSourceOnDisk(t *testing.T) {
	equalsSource(t, t.TempDir(), crew{ranks: 2, workers: 4})
}

func equalsSource(t *testing.T, base string, c crew) {
	src, dst, reference := filepath.Join(base, "src"), filepath.Join(base, "dst"), filepath.Join(base, "cp")
	copytest.Make(t, src)
	if out, err := exec.Command("cp", "-a", src, reference).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
	c.Sources, c.Dest, c.Attrs = []string{src}, dst, everything(t)
	r := c.run(t)
	r.fine(t)
	copytest.Equal(t, reference, dst)
	want, err := copytest.Read(src)
	try(t, err)
	if r.Total() != int64(len(want)) {
		t.Errorf("%d entries were counted, want %d", r.Total(), len(want))
	}
}

// A second copy into the same place changes nothing, and repairs what differs.
func TestAgain(t *testing.T) {
	src, dst := srcDst(t)
	copytest.Make(t, src)
	c := crew{ranks: 2, workers: 4, Options: Options{Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t), Chunk: MinChunk}}
	c.run(t).fine(t)
	copytest.Equal(t, src, dst)
	spoil := exec.Command("sh", "-c", `cd "$0" && rm many/file-7 && echo x >>sizes/65537 && : >sizes/1048577 && chmod 600 many/file-8 &&
		setfattr -n user.more -v x many/file-9 && setfacl -m u:99:rwx many/file-10 && touch many/file-11 && rm links/file && mkfifo links/file &&
		rm links/dir && ln -s elsewhere links/dir && rm -r many/empty-1 && chmod 0 many/empty-2 && setfacl -d -m u:99:rwx many/empty-3`, dst)
	if out, err := spoil.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c.run(t).fine(t)
	copytest.Equal(t, src, dst)
}

// A SRC that is one large file is shared by all workers, as any other.
func TestOneFileInSegments(t *testing.T) {
	src, dst := srcDst(t)
	mkdir(t, src)
	mkdir(t, dst)
	const segments = 16
	file := filepath.Join(src, "file")
	put(t, file, content(segments*MinChunk, 3))
	ops := fault.New(fsys.OS{}, nil)
	c := crew{ranks: 2, workers: 2, Options: Options{FS: ops, Sources: []string{file}, Dest: dst, Attrs: everything(t), Chunk: MinChunk, BufSize: MinBufSize}}
	c.run(t).fine(t)
	if honest(t, src, dst) != 1 {
		t.Error("the copy is not stamped")
	}
	// The source and the copy, for each segment.
	if n := ops.Count()["open"]; n < 2*segments {
		t.Errorf("%d times opened: %d segments were not copied each by itself", n, segments)
	}
}
