package fsys

// Flags say how to open. The access is one of ReadOnly, WriteOnly, ReadWrite.
type Flags uint16

// What may be asked of Open and OpenDir.
const (
	ReadOnly  Flags = 0
	WriteOnly Flags = 1 << (iota - 1)
	ReadWrite
	// Create makes the file if there is none; with Exclusive there must be
	// none (EEXIST), not even a symbolic link.
	Create
	Exclusive
	Truncate
	// Direct bypasses the page cache: buffers, offsets and lengths must be
	// aligned. EINVAL where the file system cannot.
	Direct
	// NoAtime leaves the time of access as it is where that is permitted, to
	// the owner and to root; elsewhere it is ignored.
	NoAtime
	// Follow goes where a symbolic link points to, which may be outside the
	// tree.
	Follow
)

// AllocMode is what Allocate does; 0 is to allocate and extend.
type AllocMode uint32

// The bits of AllocMode, with Linux's values.
const (
	KeepSize  AllocMode = 1
	PunchHole AllocMode = 2
	ZeroRange AllocMode = 16
)

// Advice is how a range of a file will be used.
type Advice int

// The kinds of Advice, with Linux's values.
const (
	Sequential Advice = 2
	WillNeed   Advice = 3
	DontNeed   Advice = 4
)
