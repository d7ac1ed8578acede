package copytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gdcp/scripts/need"
)

// What cp -a makes is equal, and each way in which a copy can be wrong is seen.
func TestDifferencesAreSeen(t *testing.T) {
	need.Root(t)
	src := filepath.Join(t.TempDir(), "src")
	Make(t, src)
	for name, c := range map[string]struct {
		spoil string // a shell command, in the copy
		want  string
	}{
		"nothing": {"true", ""},
		"data":    {"touch -r sizes/4096 ref; printf x | dd of=sizes/4096 conv=notrunc status=none; touch -r ref sizes/4096; rm ref", `"sizes/4096": data`},
		"size":    {"printf x >>sizes/4096", `"sizes/4096": size 4097, want 4096`},
		"missing": {"rm many/file-7", `"many/file-7" is missing`},
		"more":    {"touch more", `"more" is too many`},
		"kind":    {"rm many/file-7; mkdir many/file-7", `"many/file-7": kind 40000, want 100000`},
		"mode":    {"chmod 600 many/file-7", `"many/file-7": mode 0600, want 0644`},
		"suid":    {"chmod u-s owners/suid", `"owners/suid": mode 2755, want 6755`},
		"owner":   {"chown -h 1:54322 owners/link", `"owners/link": owner 1, want 12346`},
		"group":   {"chgrp -h 1 owners/link", `"owners/link": group 1, want 54322`},
		"mtime":   {"touch -d '2001-02-03 04:05:06.123456789' modes", `"modes": mtime`},
		"target":  {"ln -snf other links/file", `"links/file": target "other"`},
		"xattr":   {"setfattr -x user.text xattrs/file", `"xattrs/file": xattr user.text none, want "text"`},
		"acl":     {"setfacl -b acls/file", `"acls/file": xattr system.posix_acl_access none`},
		"default": {"setfacl -k acls/default", `"acls/default": xattr system.posix_acl_default none`},
	} {
		dst := filepath.Join(t.TempDir(), "dst")
		run(t, "cp", "-a", src, dst)
		run(t, "sh", "-c", "cd "+dst+" && "+c.spoil)
		lines, err := Compare(src, dst, Ignore{})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(lines, "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

func TestIgnore(t *testing.T) {
	base := t.TempDir()
	src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
	for _, dir := range []string{src, dst} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(dst, time.Time{}, time.Unix(1, 2)); err != nil {
		t.Fatal(err)
	}
	if lines, err := Compare(src, dst, Ignore{}); err != nil || len(lines) != 1 {
		t.Errorf("got %q, %v, want one line about mtime", lines, err)
	}
	EqualBut(t, src, dst, Ignore{Mtime: true})
	EqualBut(t, src, dst, Ignore{Root: true})
}
