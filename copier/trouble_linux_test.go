package copier

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gdcp/circle/inproc"
	"gdcp/copier/copytest"
	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

// forest makes a tree with enough in it that all ranks get some: directories
// of small files, and a few large ones.
func forest(t testing.TB, src string) {
	t.Helper()
	for d := range 30 {
		dir := filepath.Join(src, fmt.Sprint("dir-", d%5), fmt.Sprint("sub-", d))
		mkdir(t, dir)
		for f := range 20 {
			put(t, filepath.Join(dir, fmt.Sprint("file-", f)), content(3000+f, byte(d)))
		}
		if d%10 == 0 {
			put(t, filepath.Join(dir, "large"), content(1_000_000, byte(d)))
		}
		age(t, dir)
	}
}

func forestOptions(t testing.TB, src, dst string) Options {
	return Options{Sources: []string{src}, Dest: dst, Attrs: everything(t), BufSize: 16 << 10, Chunk: MinChunk}
}

// mortal is the file systems of ranks of which one, the victim, dies at its
// operation number after that writes something. The others wait for that when
// they have written a little more, so that the victim gets there.
type mortal struct {
	world  *inproc.World
	victim int
	after  int
	fs     []*fault.FS

	mu   sync.Mutex // guards n
	n    []int      // writing operations, by rank
	dead chan struct{}
}

func newMortal(ranks, victim, after int) *mortal {
	m := &mortal{world: inproc.New(ranks), victim: victim, after: after, n: make([]int, ranks), dead: make(chan struct{})}
	for rank := range ranks {
		m.fs = append(m.fs, fault.New(fsys.OS{}, func(op fault.Op) fault.Effect { return m.before(rank, op) }))
	}
	return m
}

func (m *mortal) before(rank int, op fault.Op) fault.Effect {
	if op.Verb != "write" && op.Verb != "set times" {
		return fault.Effect{}
	}
	m.mu.Lock()
	m.n[rank]++
	n := m.n[rank]
	m.mu.Unlock()
	switch {
	case rank != m.victim && n >= m.after+30:
		select {
		case <-m.dead:
		case <-time.After(20 * time.Second): // then the test says that nobody died
		}
	case rank == m.victim && n == m.after:
		m.fs[rank].Kill()
		m.world.Kill(rank)
		close(m.dead)
		return fault.Effect{Err: syscall.EIO}
	}
	return fault.Effect{}
}

// A rank is lost when it has done some of its work: its copy stops in the
// middle, others do again what it had in hand, and the result is the same.
func TestLostRank(t *testing.T) {
	for _, after := range []int{1, 2, 15, 40, 80} {
		t.Run(fmt.Sprint(after, " operations"), func(t *testing.T) {
			src, dst := srcDst(t)
			forest(t, src)
			m := newMortal(4, 2, after)
			c := crew{Options: forestOptions(t, src, dst), ranks: 4, workers: 2, world: m.world}
			c.on = func(rank int) fsys.FS { return m.fs[rank] }
			r := c.run(t)
			if len(r.out.Lost) != 1 || r.out.Lost[0] != 2 || r.lost[2] == nil {
				t.Fatalf("lost %v, rank 2 says %v, want rank 2 to be lost", r.out.Lost, r.lost[2])
			}
			if len(r.errs) != 1 || !strings.Contains(r.errs[0].Error(), "rank 2 was lost") {
				t.Errorf("the verdict is %v, want one sentence on rank 2", r.errs)
			}
			copytest.Equal(t, src, dst)
			want, err := copytest.Read(src)
			try(t, err)
			if r.Total() != int64(len(want)) || r.Failed > 0 {
				t.Errorf("counted %+v, want %d entries and no failure", r.Tally, len(want))
			}
		})
	}
}

// A job that is cancelled in the middle ends at once, and no file has its
// source's mtime that is not whole.
func TestCancel(t *testing.T) {
	src := filepath.Join(tempDir(t), "src")
	forest(t, src)
	stop := errors.New("enough")
	for _, c := range []struct {
		verb  string
		after int
	}{{"open", 3}, {"write", 10}, {"write", 300}, {"set times", 40}, {"make directory", 4}, {"close", 100}} {
		t.Run(fmt.Sprint(c.after, " ", c.verb), func(t *testing.T) {
			dst := filepath.Join(tempDir(t), "dst")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			var mu sync.Mutex // guards n
			n := 0
			fs := fault.New(fsys.OS{}, func(op fault.Op) fault.Effect {
				mu.Lock()
				defer mu.Unlock()
				if op.Verb == c.verb {
					if n++; n == c.after {
						cancel(stop)
					}
				}
				return fault.Effect{}
			})
			o := forestOptions(t, src, dst)
			o.FS = fs
			r := crew{Options: o, ranks: 2, workers: 2, ctx: func() context.Context { return ctx }}.run(t)
			if !r.out.Cancelled || r.out.Why != stop.Error() {
				t.Errorf("cancelled %v: %q", r.out.Cancelled, r.out.Why)
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dst), ".gdcp-*")); len(left) > 0 {
				t.Errorf("%q is left behind", left)
			}
			want, err := copytest.Read(src)
			try(t, err)
			if stamped := honest(t, src, dst); stamped == len(want) {
				t.Error("it was cancelled too late to see anything")
			}
			for _, p := range r.problems {
				t.Errorf("what was cancelled is reported as failed: %v", p)
			}
		})
	}
}

// elsewhere is the file system of a node on which something else is mounted:
// paths below from are looked for below to.
type elsewhere struct {
	fsys.FS
	from, to string
}

func (e elsewhere) path(p string) string {
	if rest, ok := strings.CutPrefix(p, e.from); ok {
		return e.to + rest
	}
	return p
}

func (e elsewhere) Root(path string, follow bool) (fsys.Dir, error) {
	return e.FS.Root(e.path(path), follow)
}

func (e elsewhere) Stat(path string, follow bool) (fsys.Stat, error) {
	return e.FS.Stat(e.path(path), follow)
}

// Ranks that see something else, or nothing, are named before anything is
// written.
func TestRanksThatSeeSomethingElse(t *testing.T) {
	top := tempDir(t)
	at := func(path string) string { return filepath.Join(top, path) }
	for _, path := range []string{"a/src/sub", "a/dst", "b/src/sub", "b/dst"} {
		mkdir(t, at(path))
	}
	put(t, at("a/src/file"), "x")
	put(t, at("a/single"), "x")
	put(t, at("b/single"), "x")
	for _, c := range []struct {
		name, src, from, to string
		want                string
	}{
		{"another source", "a/src", "a/src", "b/src", "rank 2 on node2: source " + at("a/src") + ": this is not what rank 0 sees"},
		{"no source", "a/src", "a/src", "none", "rank 2 on node2: source " + at("a/src") + ": no such file"},
		{"another source file", "a/single", "a/single", "b/single", "rank 2 on node2: source " + at("a/single") + ": this is not what"},
		{"a directory for a file", "a/single", "a/single", "a", "rank 2 on node2: source " + at("a/single") + ": this is not what"},
		{"another destination", "a/src", "a/dst", "b/dst", "rank 2 on node2: destination " + at("a/dst") + ": the file that rank 0 has just made there"},
		{"no destination", "a/src", "a/dst", "none", "rank 2 on node2: destination " + at("a/dst") + ": no such file"},
		{"neither", "a/src", "a", "b", "rank 2 on node2: source"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := crew{ranks: 4, Options: Options{Sources: []string{at(c.src)}, Dest: at("a/dst"), Attrs: everything(t)}}
			k.on = func(rank int) fsys.FS {
				if rank == 2 {
					return elsewhere{fsys.OS{}, at(c.from), at(c.to)}
				}
				return fsys.OS{}
			}
			r := k.run(t)
			if !r.out.Cancelled || !strings.Contains(r.out.Why, c.want) || strings.Contains(r.out.Why, "rank 1") || !strings.Contains(r.out.Why, "hint: ") {
				t.Errorf("got %q, want %s", r.out.Why, c.want)
			}
			for _, dir := range []string{"a/dst", "b/dst"} {
				if names, err := os.ReadDir(at(dir)); err != nil || len(names) > 0 {
					t.Errorf("%s has %v, %v, want nothing", dir, names, err)
				}
			}
		})
	}
}

// Many ranks that see nothing are not all named.
func TestDisagreementIsShort(t *testing.T) {
	cards := make([][]byte, 1000)
	for i := range cards {
		cards[i] = []byte("on n: source /x: no such file")
	}
	cards[0] = nil
	err := (&Job{}).disagreement(cards)
	if got := fmt.Sprint(err); len(got) > 1000 || !strings.Contains(got, "rank 1 on n: source") || !strings.Contains(got, "and 991 ranks more") {
		t.Errorf("got %s", got)
	}
}

// A dry run says what would be done, and does none of it: not one operation
// that could change anything.
func TestDryRun(t *testing.T) {
	for _, there := range []bool{false, true} {
		src, dst := srcDst(t)
		copytest.Make(t, src)
		if there {
			mkdir(t, filepath.Join(dst, "many"))
			put(t, filepath.Join(dst, "sizes"), "in the way")
		}
		before, err := copytest.Read(filepath.Dir(src))
		try(t, err)
		changing := fault.New(fsys.OS{}, func(op fault.Op) fault.Effect {
			switch op.Verb {
			case "stat", "list", "open directory", "close", "list xattrs", "get xattr", "read link":
				return fault.Effect{}
			}
			t.Errorf("a dry run does %q to %s", op.Verb, op.Path)
			return fault.Effect{Err: syscall.EROFS}
		})
		r := crew{ranks: 2, workers: 2, Options: Options{FS: changing, Sources: []string{src + "/"}, Dest: dst, Attrs: everything(t), DryRun: true}}.run(t)
		after, err := copytest.Read(filepath.Dir(src))
		try(t, err)
		for _, line := range copytest.Diff(before, after, copytest.Ignore{}) {
			t.Errorf("changed: %s", line)
		}
		want, err := copytest.Read(src)
		try(t, err)
		if there {
			continue // what is in the way may stop some of it
		}
		r.fine(t)
		if r.Total() != int64(len(want)) || len(r.done) != len(want) {
			t.Errorf("%d entries counted, %d told, want %d", r.Total(), len(r.done), len(want))
		}
		for _, d := range r.done {
			if !d.Dry || !strings.HasPrefix(d.Src, src) || !strings.HasPrefix(d.Dst, dst) {
				t.Errorf("told %+v", d)
			}
		}
	}
}

// What goes wrong at the very end is in the verdict, with the node.
func TestNotDurable(t *testing.T) {
	src, dst := srcDst(t)
	mkdir(t, src)
	put(t, filepath.Join(src, "f"), "x")
	fs := fault.New(fsys.OS{}, fault.On("sync file system", "", fault.Effect{Err: syscall.EIO}))
	r := crew{ranks: 2, Options: Options{FS: fs, Sources: []string{src}, Dest: dst, Attrs: everything(t)}}.run(t)
	if len(r.errs) != 1 || !strings.Contains(r.errs[0].Error(), "durable: input/output error") || !strings.Contains(r.errs[0].Error(), "node0") {
		t.Errorf("got %v, want one error on node0", r.errs)
	}
	if n := fs.Count()["sync file system"]; n != 1 {
		t.Errorf("%d syncs of one file system by one node, want 1", n)
	}
}

// No descriptor is left open, whatever happened.
func TestNoDescriptorIsLeft(t *testing.T) {
	src := filepath.Join(tempDir(t), "src")
	smallTree(t, src)
	before := descriptors(t)
	for i := 0; i < 400; i += 7 {
		fs := fault.New(fsys.OS{}, fault.Nth(i, syscall.EIO))
		o := sweepOptions
		o.FS, o.Sources, o.Dest, o.Attrs = fs, []string{src}, filepath.Join(tempDir(t), "dst"), everything(t)
		crew{Options: o, ranks: 2}.run(t)
		if after := descriptors(t); after > before {
			t.Fatalf("operation %d: %d descriptors, %d before", i, after, before)
		}
	}
}

// Of directories that nobody uses any more some stay open, and not all: and in
// the end none.
func TestManyDirectories(t *testing.T) {
	src, dst := srcDst(t)
	const many = 400
	for i := range many {
		mkdir(t, filepath.Join(src, fmt.Sprint(i)))
		put(t, filepath.Join(src, fmt.Sprint(i), "file"), "x")
	}
	before, most := descriptors(t), 0
	fs := fault.New(fsys.OS{}, func(op fault.Op) fault.Effect {
		if op.Is("set times", "file") {
			most = max(most, descriptors(t))
		}
		return fault.Effect{}
	})
	crew{Options: Options{FS: fs, Sources: []string{src}, Dest: dst, Attrs: everything(t)}}.run(t).fine(t)
	if most > before+2*maxIdleDirs+20 {
		t.Errorf("%d descriptors, %d before: more than 2 for each of %d directories kept", most, before, maxIdleDirs)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func descriptors(t testing.TB) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	try(t, err)
	return len(fds)
}
