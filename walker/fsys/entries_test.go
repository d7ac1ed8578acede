package fsys_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"gdcp/walker/fsys"
)

// record is an entry as getdents64 writes it.
func record(ino uint64, kind byte, name string) []byte {
	b := binary.NativeEndian.AppendUint64(nil, ino)
	b = append(b, make([]byte, 8)...)
	length := (19 + len(name) + 1 + 7) &^ 7
	b = binary.NativeEndian.AppendUint16(b, uint16(length))
	b = append(b, kind)
	b = append(b, name...)
	return append(b, make([]byte, length-len(b))...)
}

func collect(e fsys.Entries) (got []string) {
	for d, ok := e.Next(); ok; d, ok = e.Next() {
		got = append(got, fmt.Sprintf("%d %v %s", d.Ino, d.Kind, d.Name))
	}
	return got
}

func TestEntries(t *testing.T) {
	records := bytes.Join([][]byte{
		record(1, 4, "."), record(2, 4, ".."), record(3, 8, "a"), record(0, 10, "of inode 0"), record(4, 0, "..."), record(5, 14, "whiteout"),
	}, nil)
	want := "[3 file a 0 symlink of inode 0 4 unknown ... 5 unknown whiteout]"
	if got := fmt.Sprint(collect(fsys.NewEntries(records))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := collect(fsys.Entries{}); got != nil {
		t.Errorf("nothing has %v", got)
	}
}

// Whatever a file system writes, the listing ends, and no name could lead
// anywhere else.
func FuzzEntries(f *testing.F) {
	f.Add(append(record(3, 8, "a"), record(4, 4, "b")...))
	f.Add(record(3, 8, "a")[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		e := fsys.NewEntries(b)
		for n := 0; ; n++ {
			d, ok := e.Next()
			if !ok {
				return
			}
			if n > len(b)/20 {
				t.Fatal("more entries than fit")
			}
			if name := string(d.Name); name == "." || name == ".." || bytes.IndexByte(d.Name, 0) >= 0 {
				t.Errorf("the name %q", name)
			}
		}
	})
}
