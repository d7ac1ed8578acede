package fsys

// Kind is what sort of thing a directory entry is.
type Kind uint8

// The kinds. Unknown is what a listing says where the file system does not
// tell; a Stat always knows.
const (
	Unknown Kind = iota
	Regular
	Directory
	Symlink
	Fifo
	Socket
	Block
	Char

	// Kinds is how many there are, for tables.
	Kinds
)

// String is the kind in words, as in messages.
func (k Kind) String() string {
	if k >= Kinds {
		k = Unknown
	}
	return [Kinds]string{"unknown", "file", "directory", "symlink", "fifo", "socket", "block device", "character device"}[k]
}

// modeType is the file type bits of a Unix mode.
const modeType = 0o170000

// KindOfMode tells the kind from a Unix mode's type bits, which Linux's d_type
// holds as well, shifted right by 12.
func KindOfMode(mode uint32) Kind {
	switch mode & modeType {
	case 0o100000:
		return Regular
	case 0o040000:
		return Directory
	case 0o120000:
		return Symlink
	case 0o010000:
		return Fifo
	case 0o140000:
		return Socket
	case 0o060000:
		return Block
	case 0o020000:
		return Char
	}
	return Unknown
}

// ModeBits is the inverse of KindOfMode; 0 for Unknown.
func (k Kind) ModeBits() uint32 {
	if k >= Kinds {
		k = Unknown
	}
	return [Kinds]uint32{0, 0o100000, 0o040000, 0o120000, 0o010000, 0o140000, 0o060000, 0o020000}[k]
}
