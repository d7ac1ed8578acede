package fault_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// use makes a file and reads it: 8 operations if all goes well.
func use(fs fsys.FS, dir string) error {
	d, err := fs.Root(dir, true)
	if err != nil {
		return err
	}
	err = useDir(d)
	return errors.Join(err, d.Close())
}

func useDir(d fsys.Dir) error {
	f, err := d.Open("f", fsys.ReadWrite|fsys.Create, 0o600)
	if err != nil {
		return err
	}
	err = fsys.WriteFull(f, []byte("content"), 0)
	if err == nil {
		_, err = f.Pread(make([]byte, 8), 0)
	}
	if err == nil {
		err = f.SetTimes(fsys.Time{}, fsys.Time{Sec: 1})
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = d.Entry("f").Chmod(0o640)
	}
	return err
}

func descriptors(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	try(t, err)
	return len(fds)
}

// Every operation can be made to fail, none of them leaks a descriptor, and
// the error says which one it was.
func TestSweep(t *testing.T) {
	before := descriptors(t)
	verbs := make(map[string]bool)
	for i := 0; ; i++ {
		fs := fault.New(fsys.OS{}, fault.Nth(i, syscall.EIO))
		err := use(fs, t.TempDir())
		if fs.Ops() <= i {
			try(t, err)
			if i != 8 {
				t.Errorf("%d operations, want 8: %v", i, fs.Count())
			}
			break
		}
		var op *fsys.Error
		if !errors.As(err, &op) || !errors.Is(err, syscall.EIO) {
			t.Fatalf("operation %d: %v", i, err)
		}
		verbs[op.Op] = true
	}
	for _, verb := range []string{"open directory", "open", "write", "read", "set times", "close", "set mode"} {
		if !verbs[verb] {
			t.Errorf("%q never failed", verb)
		}
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func TestEffects(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	fs := fault.New(fsys.OS{}, fault.All(fault.Short(3), fault.On("set mode", "f", fault.Effect{Err: syscall.EPERM, Late: true})))
	if err := use(fs, dir); fsys.Errno(err) != syscall.EPERM {
		t.Errorf("got %v, want EPERM of the mode", err)
	}
	st, err := os.Stat(path)
	try(t, err)
	if st.Mode() != 0o640 {
		t.Errorf("the late failure has prevented it: %v", st.Mode())
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "content" || fs.Count()["write"] != 3 {
		t.Errorf("%q, %v, written in %d pieces, want 3", b, err, fs.Count()["write"])
	}
	fs = fault.New(fsys.OS{}, fault.On("open", "other/f", fault.Effect{Err: syscall.EIO}))
	try(t, use(fs, dir))
	fs = fault.New(fsys.OS{}, fault.On("", "f", fault.Effect{Err: fsys.ErrFallback}))
	var op *fsys.Error
	if err := use(fs, dir); !errors.Is(err, fsys.ErrFallback) || errors.As(err, &op) {
		t.Errorf("got %v, want the error as it is", err)
	}
}

// What is opened and then said to have failed is closed again.
func TestLateOpen(t *testing.T) {
	before := descriptors(t)
	for _, verb := range []string{"open", "open directory"} {
		fs := fault.New(fsys.OS{}, fault.On(verb, "", fault.Effect{Err: syscall.EIO, Late: true}))
		if err := use(fs, t.TempDir()); fsys.Errno(err) != syscall.EIO {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func TestKill(t *testing.T) {
	dir := t.TempDir()
	fs := fault.New(fsys.OS{}, nil)
	d, err := fs.Root(dir, true)
	try(t, err)
	fs.Kill()
	if err := d.Mkdir("x", 0o700); fsys.Errno(err) != syscall.EIO {
		t.Errorf("the dead makes directories: %v", err)
	}
	if err := d.Close(); fsys.Errno(err) != syscall.EIO {
		t.Errorf("got %v", err)
	}
	if names, _ := os.ReadDir(dir); len(names) > 0 {
		t.Errorf("%v was made", names)
	}
}

func TestDelay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		try(t, use(fault.New(fsys.OS{}, fault.Delay(time.Second)), dir))
		if took := time.Since(began); took != 8*time.Second {
			t.Errorf("8 operations took %v, want 8 s", took)
		}
	})
}

func TestNoKinds(t *testing.T) {
	dir := t.TempDir()
	try(t, os.Mkdir(filepath.Join(dir, "sub"), 0o700))
	d, err := fault.New(fsys.OS{}, fault.On("list", "", fault.Effect{NoKinds: true})).Root(dir, true)
	try(t, err)
	defer d.Close()
	var e fsys.Dirent
	for ok, done := false, false; !ok && !done; { // a signal ends a piece early, even before the first name
		var ents fsys.Entries
		ents, done, err = d.ReadDir(make([]byte, 4096))
		try(t, err)
		e, ok = ents.Next()
	}
	if string(e.Name) != "sub" || e.Kind != fsys.Unknown {
		t.Errorf("got %q, %v, want sub of unknown kind", e.Name, e.Kind)
	}
}
