package outfile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestReplacement(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "stats"), filepath.Join(dir, "link")
	if err := os.Symlink("stats", link); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first", "second, longer"} {
		r, err := Prepare(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, text)
	}
	r, err := Prepare(link, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write([]byte("third")); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "third")
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("something was left behind: %v", entries)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", st.Mode())
	}
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s has %q, %v, want %q", path, got, err, want)
	}
}

func TestPrepareRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no", "such"), "/proc/stats", "/dev/null/x", ""} {
		if _, err := Prepare(path, 0o600); err == nil {
			t.Errorf("Prepare(%q) found nothing wrong", path)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("something was left behind: %v", entries)
	}
}

func TestDeviceIsWrittenTo(t *testing.T) {
	r, err := Prepare(os.DevNull, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(os.DevNull); err != nil || st.Mode().IsRegular() {
		t.Fatalf("%s was replaced: %v", os.DevNull, err)
	}
}

func TestTextKeepsBytes(t *testing.T) {
	for _, s := range []string{"", "/a b/ü", "new\nline", "\xff\xfe/x", "<&>\u2028"} {
		b, err := json.Marshal(Text(s))
		if err != nil {
			t.Fatal(err)
		}
		var back Text
		if err := json.Unmarshal(b, &back); err != nil || string(back) != s {
			t.Errorf("%q became %s became %q (%v)", s, b, back, err)
		}
	}
}
