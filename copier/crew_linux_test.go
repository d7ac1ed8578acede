package copier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"gdcp/circle"
	"gdcp/circle/inproc"
	"gdcp/copier/attrs"
	"gdcp/copier/copytest"
	"gdcp/walker/fsys"
)

// crew is a copy by ranks that are goroutines of the test.
type crew struct {
	Options
	ranks, workers int                    // default 1 and 1
	on             func(rank int) fsys.FS // each rank's file system; default Options.FS for all
	world          *inproc.World          // made by run if it is nil
	ctx            func() context.Context // default the test's
	kept           func(rank int, j *Job) // sees each rank's Job before it runs
}

// result is how a copy went, as rank 0 knows it.
type result struct {
	heard
	Tally
	out  circle.Outcome
	errs []error // of the job as a whole
	lost []error // by rank: what circle.Run returned
}

// run copies.
func (c crew) run(t testing.TB) *result {
	t.Helper()
	c.Options.Ranks, c.workers = max(c.ranks, 1), max(c.workers, 1)
	if c.world == nil {
		c.world = inproc.New(c.Options.Ranks)
	}
	r := &result{lost: make([]error, c.Options.Ranks)}
	jobs := make([]*Job, c.Options.Ranks)
	for rank := range jobs {
		jobs[rank] = c.job(t, rank, r)
	}
	ctx := t.Context()
	if c.ctx != nil {
		ctx = c.ctx()
	}
	var all sync.WaitGroup
	for rank, j := range jobs {
		all.Go(func() {
			out, err := c.runRank(ctx, rank, j)
			r.lost[rank] = err
			if rank == 0 {
				r.out = out
			}
		})
	}
	all.Wait()
	if !r.out.Cancelled {
		r.Tally, r.errs = jobs[0].Verdict(r.out)
	}
	return r
}

func (c *crew) job(t testing.TB, rank int, r *result) *Job {
	t.Helper()
	o := c.Options
	o.Host, o.SyncHere = fmt.Sprintf("node%d", rank), rank == 0
	if c.on != nil {
		o.FS = c.on(rank)
	}
	if rank == 0 {
		o.Observer = &r.heard
	}
	j, err := New(o)
	try(t, err)
	if c.kept != nil {
		c.kept(rank, j)
	}
	return j
}

func (c *crew) runRank(ctx context.Context, rank int, j *Job) (circle.Outcome, error) {
	tr := c.world.Endpoint(rank)
	defer func() { _ = tr.Close() }()
	return circle.Run(ctx, circle.New(circle.Config{Rank: rank, Size: c.Options.Ranks, Seed: 1}), tr, j, c.workers)
}

// fine fails the test if anything at all went wrong.
func (r *result) fine(t testing.TB) {
	t.Helper()
	for _, p := range r.problems {
		t.Errorf("problem: %v", p)
	}
	if r.out.Cancelled || len(r.errs) > 0 || errors.Join(r.lost...) != nil {
		t.Errorf("cancelled %q, errors %v, ranks %v", r.out.Why, r.errs, r.lost)
	}
	if !r.Whole() || r.Lossy > 0 {
		t.Errorf("not whole: %+v", r.Tally)
	}
}

// only checks that there was one problem, be it once or for several segments
// of a file: of this class, with this path and this in its text.
func (r *result) only(t testing.TB, class Class, path, text string) {
	t.Helper()
	if len(slices.Compact(r.problems)) != 1 || r.problems[0].Class != class || r.problems[0].Path != path || !strings.Contains(r.problems[0].Group(), text) {
		t.Errorf("problems %+v, want one: %s %s %s", r.problems, path, class, text)
	}
	counts := map[Class]int64{Failed: r.Failed, Lossy: r.Lossy, Vanished: r.Vanished, Changed: r.Changed}
	for c, n := range counts {
		if (c == class) != (n == 1) {
			t.Errorf("%d %s", n, c)
		}
	}
}

func try(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// everything preserves all there is.
func everything(t testing.TB) attrs.Config {
	t.Helper()
	f, err := attrs.ParseFilter("non-lustre", nil)
	try(t, err)
	return attrs.Config{Preserve: attrs.All, Xattrs: f, Umask: 0o022}
}

// tempDir is a directory in memory, if there can be one: every copy ends with
// a sync of the file system, which on a disk waits for what others write.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "gdcp-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// srcDst is where a test copies: src is not there yet, nor is dst.
func srcDst(t testing.TB) (src, dst string) {
	t.Helper()
	top := tempDir(t)
	return filepath.Join(top, "src"), filepath.Join(top, "dst")
}

func mkdir(t testing.TB, path string) {
	t.Helper()
	try(t, os.MkdirAll(path, 0o755))
}

// long ago is when the files of tests were changed: no copy gets such a time
// but on purpose.
var longAgo = unix.Timespec{Sec: 1_000_000_000, Nsec: 123_456_789}

// put writes a file as of long ago.
func put(t testing.TB, path, content string) {
	t.Helper()
	try(t, os.WriteFile(path, []byte(content), 0o644))
	age(t, path)
}

func age(t testing.TB, path string) {
	t.Helper()
	try(t, unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{longAgo, longAgo}, unix.AT_SYMLINK_NOFOLLOW))
}

// nextTick waits until a change of a file cannot have the same ctime any more as
// the last one: clocks of file systems may go in steps of 10 ms.
func nextTick(t testing.TB, path string) {
	t.Helper()
	var last, now unix.Stat_t
	try(t, unix.Lstat(path, &last))
	probe := filepath.Join(filepath.Dir(path), "..", "probe")
	defer os.Remove(probe)
	for now.Ctim.Nano() <= last.Ctim.Nano() {
		try(t, os.WriteFile(probe, nil, 0o600))
		try(t, os.Remove(probe))
		try(t, os.WriteFile(probe, nil, 0o600))
		try(t, unix.Lstat(probe, &now))
	}
}

// hasOldTime says whether a path has the time that put gives.
func hasOldTime(t testing.TB, path string) bool {
	t.Helper()
	var st unix.Stat_t
	try(t, unix.Lstat(path, &st))
	return st.Mtim == longAgo
}

// content is a text that can be told from any other of its length.
func content(size int, seed byte) string {
	b := bytes.Repeat([]byte{seed}, size)
	for i := 0; i+32 <= size; i += 32 {
		sum := sha256.Sum256([]byte(fmt.Sprint(seed, i)))
		copy(b[i:], sum[:])
	}
	return string(b)
}

// honest checks the promise that a file with its source's mtime is whole: by
// content, for all files of src that are at dst. It returns how many are.
func honest(t testing.TB, src, dst string) (stamped int) {
	t.Helper()
	a, err := copytest.Read(src)
	try(t, err)
	b, err := copytest.Read(dst)
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	try(t, err)
	for path, want := range a {
		got, ok := b[path]
		if !ok || want.Mode&unix.S_IFMT != unix.S_IFREG || got.Mtime != want.Mtime {
			continue
		}
		stamped++
		if got.Size != want.Size || got.Data != want.Data {
			t.Errorf("%q has its source's mtime, but %d bytes of %d, or others", path, got.Size, want.Size)
		}
	}
	return stamped
}

// accounted checks that every difference between src and dst is at, or below, a
// path with a problem.
func (r *result) accounted(t testing.TB, src, dst string) {
	t.Helper()
	lines, err := copytest.Compare(src, dst, copytest.Ignore{})
	if errors.Is(err, os.ErrNotExist) && len(r.problems) > 0 {
		return
	}
	try(t, err)
	for _, line := range lines {
		var path string
		_, err := fmt.Sscanf(strings.SplitAfter(line, `"`)[0]+strings.SplitAfter(line, `"`)[1], "%q", &path)
		try(t, err)
		at := filepath.Join(src, path)
		if !slices.ContainsFunc(r.problems, func(p Problem) bool { return at == p.Path || strings.HasPrefix(at, p.Path+"/") }) {
			t.Errorf("nobody said that %s; problems: %v", line, r.problems)
		}
	}
}
