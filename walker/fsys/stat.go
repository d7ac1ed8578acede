package fsys

import "time"

// Stat describes one inode, as statx does.
type Stat struct {
	Kind  Kind
	Mode  uint32 // permissions with suid, sgid and sticky: 0o7777
	UID   uint32
	GID   uint32
	Nlink uint32

	Size      int64  // bytes; of a symbolic link, its target's
	Blocks    int64  // of 512 bytes. Compressing file systems lie: decide nothing by it
	BlockSize uint32 // preferred for I/O, bytes

	Dev  uint64 // of the file system, as makedev makes it; with Ino the identity
	Ino  uint64
	Rdev uint64 // of a device node, which device

	Atime, Mtime, Ctime Time
	Btime               Time // of birth; zero where the file system keeps none

	// Attributes are the STATX_ATTR_* bits (immutable, append, ...), and
	// AttributesMask those that the file system knows of.
	Attributes, AttributesMask uint64
}

// SameFile says whether two Stats are about one inode.
func (s *Stat) SameFile(o *Stat) bool { return s.Ino == o.Ino && s.Dev == o.Dev }

// Unchanged says whether nothing is known to have happened to a file between
// two Stats of it: same inode, size, time of modification and of change.
func (s *Stat) Unchanged(o *Stat) bool {
	return s.SameFile(o) && s.Size == o.Size && s.Mtime == o.Mtime && s.Ctime == o.Ctime
}

// Time is a point in time as file systems keep it: seconds since 1970, which
// may be negative, and nanoseconds from there on, 0 to 999,999,999. Unlike
// time.Time it is compared with ==, and holds every second of 64 bits.
type Time struct {
	Sec  int64
	Nsec uint32
}

// Time converts to Go's, in local time.
func (t Time) Time() time.Time { return time.Unix(t.Sec, int64(t.Nsec)) }

// TimeOf converts from Go's.
func TimeOf(t time.Time) Time { return Time{t.Unix(), uint32(t.Nanosecond())} }

// Before says whether t comes before o.
func (t Time) Before(o Time) bool {
	return t.Sec < o.Sec || t.Sec == o.Sec && t.Nsec < o.Nsec
}
