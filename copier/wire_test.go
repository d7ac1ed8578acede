package copier

import (
	"reflect"
	"testing"

	"gdcp/walker/fsys"
)

func TestWorkRoundTrip(t *testing.T) {
	for _, w := range []work{
		{verb: verbJob, names: []name{}},
		{verb: verbDir, root: 2, dir: "a/\xff\n/b", fresh: true, names: []name{}},
		{verb: verbBatch, dir: "d", names: []name{{"x", fsys.Regular}, {"\x01", fsys.Fifo}}},
		{verb: verbSegment, dir: "", names: []name{{"big", fsys.Regular}}, off: 1 << 40, n: 4096},
	} {
		got, err := decodeWork(w.encode(), 3)
		if err != nil || !reflect.DeepEqual(got, w) {
			t.Errorf("%+v came back as %+v, %v", w, got, err)
		}
	}
}

func TestWorkRefusesNonsense(t *testing.T) {
	good := (&work{verb: verbSegment, names: []name{{"f", fsys.Regular}}, off: 8, n: 8}).encode()
	for i := range good {
		if _, err := decodeWork(good[:i], 1); err == nil {
			t.Errorf("%d bytes of %d were taken for the whole", i, len(good))
		}
	}
	for what, w := range map[string]work{
		"a root that is not there":  {verb: verbDir, root: 1},
		"no verb":                   {},
		"a segment of no file":      {verb: verbSegment},
		"a segment before the file": {verb: verbSegment, names: []name{{"f", fsys.Regular}}, off: -1},
	} {
		if _, err := decodeWork(w.encode(), 1); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}

func FuzzDecodeWork(f *testing.F) {
	f.Add((&work{verb: verbBatch, dir: "d", names: []name{{"x", fsys.Regular}}}).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := decodeWork(b, 4)
		if err != nil {
			return
		}
		again, err := decodeWork(w.encode(), 4)
		if err != nil || !reflect.DeepEqual(w, again) {
			t.Errorf("%+v came back as %+v, %v", w, again, err)
		}
	})
}

// heard is an Observer that keeps what it hears.
type heard struct {
	roots    []Root
	problems []Problem
	done     []Done
}

func (h *heard) Planned(r []Root)    { h.roots = r }
func (h *heard) Problem(p Problem)   { h.problems = append(h.problems, p) }
func (h *heard) Done(d Done)         { h.done = append(h.done, d) }
func (h *heard) Progress([]Counters) {}

func TestReportsRoundTrip(t *testing.T) {
	var h heard
	p := Problem{Class: Vanished, Path: "a\xff", Op: "open", Cause: "no", Rank: 7, Host: "n1"}
	d := Done{Src: "s\n", Dst: "d", Kind: fsys.Symlink, Dry: true}
	for _, b := range [][]byte{p.encode(), d.encode()} {
		if err := deliver(&h, 7, b); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.problems) != 1 || h.problems[0] != p || len(h.done) != 1 || h.done[0] != d {
		t.Errorf("heard %+v", h)
	}
}

func FuzzDeliver(f *testing.F) {
	f.Add((&Problem{Class: Failed, Path: "p"}).encode())
	f.Add((&Done{Src: "s"}).encode())
	f.Fuzz(func(_ *testing.T, b []byte) { _ = deliver(&heard{}, 0, b) })
}

func FuzzDecodeQuestion(f *testing.F) {
	q := question{token: "t", secret: "s", roots: []Root{{SrcDir: "/a", DstDir: "/b", Dir: true, Ino: 5}}}
	f.Add(q.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := decodeQuestion(b)
		if err != nil {
			return
		}
		again, err := decodeQuestion(q.encode())
		if err != nil || !reflect.DeepEqual(q, again) {
			t.Errorf("%+v came back as %+v, %v", q, again, err)
		}
	})
}

func TestTally(t *testing.T) {
	a := Tally{Bytes: 3, Failed: 1}
	a.Kind[fsys.Regular] = 2
	sum := DecodeTally((&Job{}).Combine([][]byte{a.encode(), a.encode()}))
	if sum.Kind[fsys.Regular] != 4 || sum.Bytes != 6 || sum.Failed != 2 || sum.Total() != 4 || sum.Whole() {
		t.Errorf("%+v", sum)
	}
}

func TestChunkFor(t *testing.T) {
	for _, c := range []struct {
		size   int64
		ranks  int
		chosen int64
		want   int64
	}{
		{100 << 20, 1, 0, 16 << 20}, // never less than the least
		{8 << 30, 4, 0, 256 << 20},  // 8 for each rank
		{1 << 50, 4, 0, 1 << 30},    // never more than the most
		{8 << 30, 4, 65536, 65536},  // the user's word
		{1000<<20 + 12345, 7, 0, 17 << 20},
	} {
		if got := chunkFor(c.size, c.ranks, c.chosen); got != c.want {
			t.Errorf("chunkFor(%d, %d, %d) = %d, want %d", c.size, c.ranks, c.chosen, got, c.want)
		}
	}
}

func TestSplitAndJoin(t *testing.T) {
	for _, c := range []struct{ path, dir, name string }{
		{"a", ".", "a"}, {"/a", "/", "a"}, {"x/a", "x", "a"}, {"./a", ".", "a"},
		{"/", "/", ""}, {".", ".", ""}, {"x/..", "x/..", ""}, {"..", "..", ""},
	} {
		if dir, name := split(c.path); dir != c.dir || name != c.name {
			t.Errorf("split(%q) = %q, %q", c.path, dir, name)
		}
	}
	for _, c := range []struct{ dir, rel, want string }{
		{".", "a", "a"}, {"/", "a", "/a"}, {"x", "", "x"}, {"./x/", "a", "./x/a"}, {"", "a/b", "a/b"},
	} {
		if got := join(c.dir, c.rel); got != c.want {
			t.Errorf("join(%q, %q) = %q", c.dir, c.rel, got)
		}
	}
}
