package fsys

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// A call that was interrupted is made again at once, one that is told to come
// back is made again later, for as long as a lease can take, and no longer.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name string
			errs []error
			want error
			long time.Duration
		}{
			{"at once", []error{nil}, nil, 0},
			{"interrupted", []error{unix.EINTR, unix.EINTR, nil}, nil, 0},
			{"later", []error{unix.EAGAIN, unix.EAGAIN, unix.EINTR, nil}, nil, time.Second},
			{"wrong", []error{unix.EINTR, unix.EIO}, unix.EIO, 0},
			{"never", nil, unix.EAGAIN, 2 * patience},
		} {
			began, calls := time.Now(), 0
			err := again(func() error {
				calls++
				if c.errs == nil {
					return unix.EAGAIN
				}
				return c.errs[calls-1]
			})
			if took := time.Since(began); err != c.want || took > c.long || c.errs != nil && calls != len(c.errs) { //nolint:errorlint // bare numbers
				t.Errorf("%s: %v after %d calls, %v", c.name, err, calls, took)
			}
			if took := time.Since(began); c.errs == nil && took < 45*time.Second {
				t.Errorf("%s: a lease may take longer than %v", c.name, took)
			}
		}
	})
}

func TestVersionSince(t *testing.T) {
	for release, want := range map[string]bool{
		"5.3.0": true, "5.3": true, "5.10-rc1": true, "6.1.0-21-amd64": true, "10.0": true, "5.3-generic": true, "5.3+": true,
		"5.2.99": false, "4.18.0-372.el8.x86_64": false, "3.10.0": false, "": false, "5": false, "x.y": false,
	} {
		if got := versionSince(release, 5, 3); got != want {
			t.Errorf("%q: %v, want %v", release, got, want)
		}
	}
}

// Pieces of a path are as long as the kernel takes, and together the path.
func TestCutPath(t *testing.T) {
	for _, length := range []int{1, 2, 50, 254, 255} {
		name := strings.Repeat("n", length)
		path := strings.TrimSuffix(strings.Repeat(name+"/", 20000/(length+1)), "/")
		var pieces []string
		for rest := path; rest != ""; {
			var piece string
			piece, rest = cutPath(rest)
			if len(piece) >= unix.PathMax || rest != "" && len(piece) < unix.PathMax-length-2 {
				t.Errorf("names of %d: a piece of %d bytes", length, len(piece))
			}
			pieces = append(pieces, piece)
		}
		if strings.Join(pieces, "/") != path {
			t.Errorf("names of %d: the pieces are not the path", length)
		}
	}
}

// After these errors reading and writing may work; others are told.
func TestNothingMoved(t *testing.T) {
	for errno, want := range map[unix.Errno]bool{
		unix.ENOSYS: true, unix.EXDEV: true, unix.EINVAL: true, unix.EIO: true, unix.EOPNOTSUPP: true, unix.EPERM: true, unix.ETXTBSY: true,
		unix.ENOSPC: false, unix.EDQUOT: false, unix.EFBIG: false, unix.EBADF: false, unix.EROFS: false, unix.ESTALE: false,
	} {
		if got := nothingMoved(errno); got != want {
			t.Errorf("%v: %v, want %v", errno, got, want)
		}
	}
}

func TestCName(t *testing.T) {
	var buf [nameLength]byte
	for _, n := range []int{1, 254, 255, 256, 257, 5000} {
		name := strings.Repeat("x", n)
		p, err := cname(&buf, name)
		if err != nil || unix.BytePtrToString(p) != name {
			t.Errorf("%d bytes: %v, or another name", n, err)
		}
	}
	for _, n := range []int{1, 300} {
		if _, err := cname(&buf, strings.Repeat("x", n)+"\x00y"); err == nil {
			t.Errorf("a zero byte after %d others was taken", n)
		}
	}
}

func TestKinds(t *testing.T) {
	seen := make(map[string]bool)
	for k := range Kinds {
		if seen[k.String()] || KindOfMode(k.ModeBits()|0o7777) != k {
			t.Errorf("kind %d: %v, mode %o, back %v", k, k, k.ModeBits(), KindOfMode(k.ModeBits()))
		}
		seen[k.String()] = true
	}
	if k := Kind(200); k.String() != "unknown" || k.ModeBits() != 0 {
		t.Errorf("kind 200 is %v, %o", k, k.ModeBits())
	}
}

func TestTime(t *testing.T) {
	for _, at := range []Time{{}, {-1, 999999999}, {1 << 33, 1}, {-1 << 40, 5}} {
		if back := TimeOf(at.Time()); back != at {
			t.Errorf("%v came back as %v", at, back)
		}
	}
	sorted := []Time{{-2, 5}, {-1, 0}, {-1, 1}, {0, 0}, {7, 7}, {7, 8}}
	for i, a := range sorted {
		for j, b := range sorted {
			if a.Before(b) != (i < j) {
				t.Errorf("%v before %v: %v", a, b, a.Before(b))
			}
		}
	}
}

func TestErrorIsASentenceOnOneLine(t *testing.T) {
	err := error(&Error{"open", "new\nline", unix.EACCES})
	if got := err.Error(); got != `open new\nline: permission denied` {
		t.Errorf("got %q", got)
	}
	if got := (&Error{Op: "write", Err: ErrNoProgress}).Error(); !strings.HasPrefix(got, "write: ") {
		t.Errorf("got %q", got)
	}
	if got := Errno(fmt.Errorf("copy: %w", err)); got != unix.EACCES {
		t.Errorf("got %v", got)
	}
	if got := Errno(ErrFallback); got != 0 {
		t.Errorf("got %v", got)
	}
}

// WriteFull goes on after a short write, and does not spin on one of nothing.
func TestWriteFull(t *testing.T) {
	f := &slowFile{step: 3}
	if err := WriteFull(f, []byte("0123456789"), 5); err != nil || string(f.data) != "\x00\x00\x00\x00\x000123456789" {
		t.Errorf("%q, %v", f.data, err)
	}
	if err := WriteFull(&slowFile{}, []byte("x"), 0); err == nil {
		t.Error("a write that takes nothing passes for one that is done")
	}
}

type slowFile struct {
	File
	step int
	data []byte
}

func (f *slowFile) Pwrite(p []byte, off int64) (int, error) {
	p = p[:min(len(p), f.step)]
	if n := int(off) + len(p); n > len(f.data) {
		f.data = append(f.data, make([]byte, n-len(f.data))...)
	}
	return copy(f.data[off:], p), nil
}
