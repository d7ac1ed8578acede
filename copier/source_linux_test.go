package copier

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"gdcp/copier/copytest"
	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

// once does something at the first operation of this kind. It has happened
// when the operation is made.
func once(verb, path string, do func()) fault.Injector {
	var did sync.Once
	return func(op fault.Op) fault.Effect {
		if op.Is(verb, path) {
			did.Do(do)
		}
		return fault.Effect{}
	}
}

// A source that changes while it is copied is named, and its copy does not get
// its time; what is beside it is copied all the same.
func TestSourceChanges(t *testing.T) {
	sizes := map[string]int{"small": 5000, "in one task": 40_000, "in segments": 150_000, "by the kernel": 300_000}
	for _, c := range []struct {
		name  string
		verb  string // before the first of these of src/x
		do    func(t *testing.T, path string, size int)
		class Class
		text  string
	}{
		{"vanishes before it is opened", "open", remove, Vanished, "no such file"},
		{"becomes a directory", "open", replaceBy(func(p string) error { return os.Mkdir(p, 0o700) }), Failed, "not a regular file any more"},
		{"becomes a link", "open", replaceBy(func(p string) error { return os.Symlink("/etc/passwd", p) }), Failed, "too many levels"},
		{"becomes a fifo", "open", replaceBy(func(p string) error { return syscall.Mkfifo(p, 0o600) }), Failed, "not a regular file any more"},
		{"shrinks", "read", func(t *testing.T, p string, size int) { try(t, os.Truncate(p, int64(size/3))) }, Changed, "shrank"},
		{"shrinks to nothing", "read", func(t *testing.T, p string, _ int) { try(t, os.Truncate(p, 0)) }, Changed, "shrank"},
		{"grows", "read", func(t *testing.T, p string, _ int) { try(t, appendTo(p)) }, Changed, "changed"},
		{"is written to", "read", func(t *testing.T, p string, _ int) { try(t, writeAt(p)) }, Changed, "changed"},
		{"is written to and its time put back", "read", func(t *testing.T, p string, _ int) { try(t, writeAt(p)); age(t, p) }, Changed, "changed"},
	} {
		for what, size := range sizes {
			t.Run(c.name+", "+what, func(t *testing.T) {
				verb := c.verb
				if verb == "read" && size >= kernelCopy {
					verb = "copy"
				}
				src, dst := srcDst(t)
				x := filepath.Join(src, "x")
				mkdir(t, src)
				put(t, x, content(size, 1))
				put(t, filepath.Join(src, "y"), content(100, 2))
				nextTick(t, x)
				fs := fault.New(fsys.OS{}, once(verb, "src/x", func() { c.do(t, x, size) }))
				chunk := int64(MinChunk)
				if size >= kernelCopy {
					chunk = kernelCopy
				}
				r := crew{Options: Options{FS: fs, Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t), BufSize: 16 << 10, Chunk: chunk}}.run(t)
				r.only(t, c.class, x, c.text)
				if st, err := os.Stat(filepath.Join(dst, "x")); err == nil && hasOldTime(t, filepath.Join(dst, "x")) {
					t.Errorf("the copy, of %d bytes, has its source's mtime", st.Size())
				}
				if got, err := os.ReadFile(filepath.Join(dst, "y")); err != nil || string(got) != content(100, 2) || !hasOldTime(t, filepath.Join(dst, "y")) {
					t.Errorf("what is beside it was not copied: %v", err)
				}
			})
		}
	}
}

func remove(t *testing.T, path string, _ int) { try(t, os.Remove(path)) }

func replaceBy(makeIt func(string) error) func(*testing.T, string, int) {
	return func(t *testing.T, path string, _ int) {
		try(t, os.Remove(path))
		try(t, makeIt(path))
	}
}

func appendTo(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("more")
	_ = f.Close()
	return err
}

func writeAt(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte("changed"), 3)
	_ = f.Close()
	return err
}

// A large file that is replaced by another one between its segments is not
// taken for whole, whichever of them the segments were read from.
func TestSourceIsReplacedBetweenSegments(t *testing.T) {
	src, dst := srcDst(t)
	x := filepath.Join(src, "x")
	mkdir(t, src)
	put(t, x, content(300_000, 1))
	put(t, src+".new", content(300_000, 2))
	opens := 0
	fs := fault.New(fsys.OS{}, func(op fault.Op) fault.Effect {
		if op.Is("open", "src/x") {
			if opens++; opens == 4 {
				try(t, os.Rename(src+".new", x))
			}
		}
		return fault.Effect{}
	})
	o := sweepOptions
	o.FS, o.Sources, o.Dest, o.Attrs = fs, []string{src + "/"}, dst, everything(t)
	r := crew{Options: o}.run(t)
	if opens < 4 {
		t.Fatalf("the source was opened %d times: it was not copied in segments", opens)
	}
	r.only(t, Changed, x, "changed")
}

// Directories that vanish, or that become something else, before they are
// entered or while they are copied.
func TestSourceDirectoryChanges(t *testing.T) {
	for _, c := range []struct {
		name, verb, path string
		do               func(sub string) error
		class            Class
		text             string
	}{
		{"vanishes", "make directory", "dst/sub", os.RemoveAll, Vanished, "no such file"},
		{"becomes a link", "make directory", "dst/sub", func(p string) error {
			return after(os.RemoveAll(p), func() error { return os.Symlink("/etc", p) })
		}, Failed, ""},
		{"is moved away while it is listed", "list", "src/sub", func(p string) error { return os.Rename(p, p+".moved") }, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, dst := srcDst(t)
			sub := filepath.Join(src, "sub")
			mkdir(t, sub)
			put(t, filepath.Join(sub, "file"), "x")
			put(t, filepath.Join(src, "y"), "y")
			fs := fault.New(fsys.OS{}, once(c.verb, c.path, func() { try(t, c.do(sub)) }))
			r := crew{Options: Options{FS: fs, Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t)}}.run(t)
			if c.class == "" {
				r.fine(t) // it is held open
				copytest.EqualBut(t, sub+".moved", filepath.Join(dst, "sub"), copytest.Ignore{})
			} else {
				r.only(t, c.class, sub, c.text)
			}
			if !hasOldTime(t, filepath.Join(dst, "y")) {
				t.Error("what is beside it was not copied")
			}
			if names, _ := os.ReadDir(filepath.Join(dst, "sub")); c.class != "" && len(names) > 0 {
				t.Errorf("something was copied from elsewhere: %v", names)
			}
		})
	}
}

func after(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

// A link at the destination that somebody puts where a directory was just made
// is not followed.
func TestDestinationBecomesALink(t *testing.T) {
	src, dst := srcDst(t)
	mkdir(t, filepath.Join(src, "sub/deep"))
	put(t, filepath.Join(src, "sub/file"), "secret")
	put(t, filepath.Join(src, "sub/deep/file"), "secret")
	outside := filepath.Join(filepath.Dir(src), "outside")
	mkdir(t, filepath.Join(outside, "deep"))
	age(t, filepath.Join(outside, "deep"))
	age(t, outside)
	before, err := copytest.Read(outside)
	try(t, err)
	fs := fault.New(fsys.OS{}, once("open directory", "dst/sub", func() {
		try(t, os.Remove(filepath.Join(dst, "sub")))
		try(t, os.Symlink(outside, filepath.Join(dst, "sub")))
	}))
	r := crew{Options: Options{FS: fs, Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t)}}.run(t)
	r.only(t, Failed, filepath.Join(src, "sub"), "")
	got, err := copytest.Read(outside)
	try(t, err)
	for _, line := range copytest.Diff(before, got, copytest.Ignore{}) {
		t.Errorf("outside of the destination: %s", line)
	}
}
