package fsys_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"gdcp/scripts/need"
	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fsystest"
)

func TestOS(t *testing.T) {
	for where, dir := range fsystest.Dirs(t) {
		t.Run(where, func(t *testing.T) { fsystest.Test(t, fsys.OS{}, dir) })
	}
}

// TestOldKernel runs the suite without what newer kernels have.
func TestOldKernel(t *testing.T) {
	fsystest.Test(t, fsys.OS{NoCopyRange: true, NoOpenat2: true}, t.TempDir())
}

// asNobody runs this test once more in a process that is not root.
func asNobody(t *testing.T) (child bool) {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	dir, err := os.MkdirTemp("", "nobody")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	self := filepath.Join(dir, "test")
	binary, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(self, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("not as root: %v\n%s", err, out)
	}
	return false
}

func TestNotRoot(t *testing.T) {
	if asNobody(t) {
		fsystest.Test(t, fsys.OS{}, t.TempDir())
		refusals(t)
	}
}

// refusals are what only somebody else than root can see: a directory that may
// be gone through but not read does not stop OpenPath, and a file of mode 000
// can be described.
func refusals(t *testing.T) {
	at := t.TempDir()
	root, err := fsys.OS{}.Root(at, true)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := os.MkdirAll(filepath.Join(at, "dark/dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "none"), nil, 0); err != nil {
		t.Fatal(err)
	}
	dark := root.Entry("dark")
	if err := dark.Chmod(0o300); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(at, "dark"), 0o700) })
	dir, err := root.OpenPath("dark/dir")
	if err != nil {
		t.Fatalf("through a directory that cannot be read: %v", err)
	}
	dir.Close()
	if _, err := root.OpenDir("dark", 0); fsys.Errno(err) != syscall.EACCES {
		t.Errorf("a directory that cannot be read: %v", err)
	}
	if _, err := root.Open("none", fsys.ReadOnly, 0); fsys.Errno(err) != syscall.EACCES {
		t.Errorf("a file of mode 000: %v", err)
	}
	if st, err := root.StatAt("none"); err != nil || st.Mode != 0 {
		t.Errorf("stat of a file of mode 000: %o, %v", st.Mode, err)
	}
	if f, err := root.Open("none", fsys.WriteOnly|fsys.NoAtime, 0); err == nil {
		f.Close()
		t.Error("a file of mode 000 was opened")
	}
	// O_NOATIME is not for files of others: it must do without.
	etc, err := fsys.OS{}.Root("/etc", true)
	if err != nil {
		t.Fatal(err)
	}
	defer etc.Close()
	f, err := etc.Open("passwd", fsys.ReadOnly|fsys.NoAtime, 0)
	if err != nil {
		t.Fatalf("somebody else's file with NoAtime: %v", err)
	}
	f.Close()
}

func TestRootOnly(t *testing.T) {
	need.Root(t)
	for where, at := range fsystest.Dirs(t) {
		t.Run(where, func(t *testing.T) {
			dir, err := fsys.OS{}.Root(at, true)
			if err != nil {
				t.Fatal(err)
			}
			defer dir.Close()
			t.Run("devices", func(t *testing.T) { devices(t, dir) })
			t.Run("links", func(t *testing.T) { ownedLink(t, dir) })
		})
	}
}

// devices of numbers that fill all their bits.
func devices(t *testing.T, dir fsys.Dir) {
	for i, rdev := range []uint64{unix.Mkdev(1, 3), unix.Mkdev(4095, 1<<20-1), unix.Mkdev(259, 70000)} {
		for _, kind := range []fsys.Kind{fsys.Block, fsys.Char} {
			name := fmt.Sprint(kind, i)
			if err := dir.Mknod(name, kind, 0o600, rdev); err != nil {
				t.Fatal(err)
			}
			if st, err := dir.StatAt(name); err != nil || st.Kind != kind || st.Rdev != rdev {
				t.Errorf("%s: a %v %#x, want %#x; %v", name, st.Kind, st.Rdev, rdev, err)
			}
		}
	}
}

func ownedLink(t *testing.T, dir fsys.Dir) {
	const name = "a\nlink\xff"
	if err := dir.Symlink("nowhere", name); err != nil {
		t.Fatal(err)
	}
	link := dir.Entry(name)
	if err := link.Chown(12345, 54321); err != nil {
		t.Fatal(err)
	}
	if err := link.SetXattr("trusted.mine", []byte("v")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	if n, err := link.ListXattr(buf); err != nil || string(buf[:n]) != "trusted.mine\x00" {
		t.Errorf("the link has %q, %v", buf[:n], err)
	}
	if n, err := link.GetXattr("trusted.mine", buf); err != nil || string(buf[:n]) != "v" {
		t.Errorf("trusted.mine is %q, %v", buf[:n], err)
	}
	if st, err := link.Stat(); err != nil || st.UID != 12345 || st.GID != 54321 {
		t.Errorf("its owner is %d:%d, %v", st.UID, st.GID, err)
	}
	if err := link.RemoveXattr("trusted.mine"); err != nil {
		t.Error(err)
	}
}

// TestErrors wants sentences that name the entry on one line.
func TestErrors(t *testing.T) {
	dir, err := fsys.OS{}.Root(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	_, err = dir.Open("no\nsuch", fsys.ReadOnly, 0)
	if got, want := fmt.Sprint(err), `open no\nsuch: no such file or directory`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if fsys.Errno(fmt.Errorf("copy: %w", err)) != syscall.ENOENT || fsys.Errno(nil) != 0 {
		t.Error("the error number is not found")
	}
}

// TestAllocations keeps the data path off the heap: a File is one allocation.
func TestAllocations(t *testing.T) {
	dir, err := fsys.OS{}.Root(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	f, err := dir.Open("f", fsys.ReadWrite|fsys.Create, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	buf, list := make([]byte, 4096), make([]byte, 1024)
	for what, c := range map[string]struct {
		most float64
		call func() error
	}{
		"stat":       {0, func() error { _, err := f.Stat(); return err }},
		"stat at":    {0, func() error { _, err := dir.StatAt("f"); return err }},
		"write":      {0, func() error { _, err := f.Pwrite(buf, 0); return err }},
		"read":       {0, func() error { _, err := f.Pread(buf, 0); return err }},
		"chmod":      {0, func() error { return f.Chmod(0o600) }},
		"times":      {0, func() error { return f.SetTimes(fsys.Time{Sec: 1}, fsys.Time{Sec: 2}) }},
		"list xattr": {0, func() error { _, err := f.ListXattr(list); return err }},
		"open": {1, func() error {
			g, err := dir.Open("f", fsys.ReadOnly, 0)
			if err != nil {
				return err
			}
			return g.Close()
		}},
	} {
		n := testing.AllocsPerRun(100, func() {
			if err := c.call(); err != nil {
				t.Fatal(err)
			}
		})
		if n > c.most {
			t.Errorf("%s: %v allocations, want at most %v", what, n, c.most)
		}
	}
}
