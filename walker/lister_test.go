package walker_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"gdcp/walker"
	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

// tree makes dirs directories and files files in a new directory.
func tree(t *testing.T, dirs, files int) string {
	t.Helper()
	top := t.TempDir()
	for i := range dirs {
		try(t, os.Mkdir(filepath.Join(top, fmt.Sprintf("dir-%d", i)), 0o700))
	}
	for i := range files {
		try(t, os.WriteFile(filepath.Join(top, fmt.Sprintf("file-%d", i)), nil, 0o600))
	}
	return top
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, fs fsys.FS, path string) fsys.Dir {
	t.Helper()
	d, err := fs.Root(path, true)
	try(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

// found is a Visitor's memory.
type found struct {
	dirs, batches int
	longest       int
	kinds         map[string]fsys.Kind
}

func (f *found) visitor(limit int) walker.Visitor {
	f.kinds = make(map[string]fsys.Kind)
	return walker.Visitor{
		Directory: func(e walker.Entry) error {
			f.dirs++
			f.kinds[e.Name] = e.Kind
			return nil
		},
		Batch: func(entries []walker.Entry) error {
			f.batches++
			f.longest = max(f.longest, len(entries))
			for _, e := range entries {
				f.kinds[e.Name] = e.Kind
			}
			return nil
		},
		Max: limit,
	}
}

// Every entry is handed out once, directories one by one, the rest in batches
// that are full but for the last, whatever the size of the buffer.
func TestList(t *testing.T) {
	top := tree(t, 30, 1001)
	for _, c := range []struct{ buf, limit, batches, longest int }{
		{0, 0, 16, 64}, {0, 1, 1001, 1}, {512, 10, 101, 10}, {1 << 20, 5000, 1, 1001}, {512, 1001, 1, 1001},
	} {
		var f found
		try(t, walker.NewLister(c.buf).List(t.Context(), open(t, fsys.OS{}, top), f.visitor(c.limit)))
		if f.dirs != 30 || len(f.kinds) != 1031 || f.batches != c.batches || f.longest != c.longest {
			t.Errorf("buffer %d, batches of %d: %d directories, %d entries, %d batches up to %d, want 30, 1031, %d, %d",
				c.buf, c.limit, f.dirs, len(f.kinds), f.batches, f.longest, c.batches, c.longest)
		}
	}
}

// One Lister lists directory after directory; an error leaves nothing behind
// that would come out in the next.
func TestListAgain(t *testing.T) {
	l := walker.NewLister(512)
	var f found
	fs := fault.New(fsys.OS{}, func(op fault.Op) fault.Effect {
		if op.Verb == "list" && op.N > 2 {
			return fault.Effect{Err: syscall.EIO}
		}
		return fault.Effect{}
	})
	err := l.List(t.Context(), open(t, fs, tree(t, 0, 100)), f.visitor(64))
	if fsys.Errno(err) != syscall.EIO {
		t.Errorf("got %v, want EIO of the listing", err)
	}
	try(t, l.List(t.Context(), open(t, fsys.OS{}, tree(t, 0, 3)), f.visitor(64)))
	if len(f.kinds) != 3 {
		t.Errorf("%d entries of the second directory, want 3", len(f.kinds))
	}
	try(t, l.List(t.Context(), open(t, fsys.OS{}, t.TempDir()), f.visitor(64)))
	if len(f.kinds) != 0 {
		t.Errorf("an empty directory has %v", f.kinds)
	}
}

// Where the listing does not tell kinds, they are asked for; of what is gone by
// then the kind stays unknown, and the listing goes on.
func TestKindsThatAreNotTold(t *testing.T) {
	top := tree(t, 1, 2)
	try(t, os.Symlink("dir-0", filepath.Join(top, "link")))
	fs := fault.New(fsys.OS{}, fault.All(
		fault.On("list", "", fault.Effect{NoKinds: true}),
		fault.On("stat", "file-1", fault.Effect{Err: syscall.ENOENT})))
	var f found
	try(t, walker.NewLister(0).List(t.Context(), open(t, fs, top), f.visitor(0)))
	want := map[string]fsys.Kind{"dir-0": fsys.Directory, "file-0": fsys.Regular, "file-1": fsys.Unknown, "link": fsys.Symlink}
	if f.dirs != 1 || fmt.Sprint(f.kinds) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", f.kinds, want)
	}
	plain := fault.New(fsys.OS{}, nil)
	try(t, walker.NewLister(0).List(t.Context(), open(t, plain, top), f.visitor(0)))
	if plain.Count()["stat"] > 0 {
		t.Errorf("asked for %d kinds that were told", plain.Count()["stat"])
	}
}

// An error of the visitor ends the listing at once, and comes out as it is.
func TestVisitorStops(t *testing.T) {
	top := tree(t, 3, 100)
	enough := errors.New("enough")
	calls := 0
	stop := func() error { calls++; return enough }
	for name, v := range map[string]walker.Visitor{
		"directory": {Directory: func(walker.Entry) error { return stop() }, Batch: func([]walker.Entry) error { return nil }},
		"batch":     {Directory: func(walker.Entry) error { return nil }, Batch: func([]walker.Entry) error { return stop() }},
	} {
		calls = 0
		err := walker.NewLister(0).List(t.Context(), open(t, fsys.OS{}, top), v)
		if err != enough || calls != 1 { //nolint:errorlint // as it is
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := walker.NewLister(512).List(ctx, open(t, fsys.OS{}, tree(t, 0, 1000)), walker.Visitor{
		Batch: func(entries []walker.Entry) error { cancel(); seen += len(entries); return nil },
		Max:   1,
	})
	if !errors.Is(err, context.Canceled) || seen == 0 || seen > 30 {
		t.Errorf("%v after %d entries, want it to end with the piece in which it was cancelled", err, seen)
	}
}

func TestCounts(t *testing.T) {
	var a, b walker.Counts
	a.Add(fsys.Regular, 10)
	a.Add(fsys.Directory, 4096)
	b.Add(fsys.Regular, 5)
	b.Add(fsys.Symlink, 7)
	b.Add(fsys.Kind(99), 7)
	a.Merge(&b)
	if a.Bytes != 15 || a.Total() != 5 || a.Kind[fsys.Regular] != 2 || a.Kind[fsys.Unknown] != 1 {
		t.Errorf("got %+v", a)
	}
}
