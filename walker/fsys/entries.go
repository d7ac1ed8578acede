package fsys

import "encoding/binary"

// Entries is a piece of a directory's listing: records as getdents64 writes
// them, in the caller's buffer.
type Entries struct{ rest []byte }

// Dirent is an entry of a directory as its listing has it.
type Dirent struct {
	Name []byte // aliases the buffer given to ReadDir
	Ino  uint64
	Kind Kind // Unknown where the file system does not say
}

// A record: ino 8, offset 8, length of the record 2, type 1, name, NUL, padding.
const (
	recLength = 16
	recType   = 18
	recName   = 19
)

// Next takes the next entry out; false if there is none left.
func (e *Entries) Next() (Dirent, bool) {
	for len(e.rest) > recName {
		rec := e.rest
		n := int(binary.NativeEndian.Uint16(rec[recLength:]))
		if n <= recName || n > len(rec) {
			break
		}
		e.rest = rec[n:]
		name := untilNUL(rec[recName:n])
		if isDot(name) {
			continue
		}
		// Inode 0 does not mean a deleted entry on Linux: a FUSE file system
		// may show it for a live one.
		ino := binary.NativeEndian.Uint64(rec)
		return Dirent{name, ino, KindOfMode(uint32(rec[recType]) << 12)}, true
	}
	e.rest = nil
	return Dirent{}, false
}

func untilNUL(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}

func isDot[T string | []byte](name T) bool {
	return len(name) == 1 && name[0] == '.' || len(name) == 2 && name[0] == '.' && name[1] == '.'
}

// NewEntries makes the Entries of records in getdents64's format.
func NewEntries(records []byte) Entries { return Entries{records} }
