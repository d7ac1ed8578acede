package fsys_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gdcp/walker/fsys"
)

// A huge directory is listed with a small buffer, each entry once.
func TestHugeDirectory(t *testing.T) {
	many := 100_000
	if testing.Short() {
		many = 10_000
	}
	dir, err := os.MkdirTemp("/dev/shm", "gdcp-test-")
	if err != nil {
		dir = t.TempDir()
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "0")
	try(t, os.WriteFile(file, nil, 0o600))
	for i := 1; i < many; i++ {
		try(t, os.Link(file, filepath.Join(dir, fmt.Sprint(i))))
	}
	seen := make([]bool, many)
	d := root(t, fsys.OS{}, dir)
	calls, count, buf := 0, 0, make([]byte, 1024)
	for done := false; !done; calls++ {
		var ents fsys.Entries
		ents, done, err = d.ReadDir(buf)
		try(t, err)
		for e, ok := ents.Next(); ok; e, ok = ents.Next() {
			var i int
			if _, err := fmt.Sscan(string(e.Name), &i); err != nil || seen[i] {
				t.Fatalf("%q: %v, or a second time", e.Name, err)
			}
			seen[i] = true
			count++
		}
	}
	if count != many || calls < many/100 {
		t.Errorf("%d entries in %d pieces, want %d in many", count, calls, many)
	}
}
