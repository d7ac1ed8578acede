package fsys

// FS opens what the user named.
type FS interface {
	// Root opens the directory at path, which is relative to the process's
	// directory or absolute. Links on the way to its last component are
	// followed, as the user may have meant them; the last one too if follow
	// is set, else a link is refused (ENOTDIR).
	Root(path string, follow bool) (Dir, error)

	// Stat describes what is at path; follow as in Root.
	Stat(path string, follow bool) (Stat, error)
}

// Attributed is what has an owner, a mode, times and extended attributes. All
// methods are about the thing itself, never about what a link points to.
type Attributed interface {
	Stat() (Stat, error)

	// Chown sets owner and group; Keep leaves one as it is. The kernel clears
	// suid and sgid bits and security.capability even when nothing changes.
	Chown(uid, gid uint32) error
	// Chmod sets the permission bits with suid, sgid and sticky (0o7777). A
	// symbolic link has no mode of its own: EOPNOTSUPP.
	Chmod(mode uint32) error
	SetTimes(atime, mtime Time) error

	// ListXattr writes the names of the extended attributes to buf, each
	// ended by a zero byte, and returns how many bytes that were. With an
	// empty buf it returns how many there would be; ERANGE if buf is too
	// small. GetXattr does the same for a value. No name or buf is kept.
	ListXattr(buf []byte) (int, error)
	GetXattr(name string, buf []byte) (int, error)
	// SetXattr makes or replaces an attribute.
	SetXattr(name string, value []byte) error
	RemoveXattr(name string) error
}

// Keep is the owner or group for Chown that leaves it as it is.
const Keep = ^uint32(0)

// Dir is a directory that is held open. It may be used by several goroutines
// at once, except ReadDir and Rewind, which move its one position, and Close,
// which must come last.
//
// A name is one component in bytes of any value but '/' and NUL; anything
// else, and "." and "..", is refused with EINVAL.
type Dir interface {
	Attributed

	// ReadDir reads the next entries of the directory into buf, which should
	// have 32 KiB or more, and returns them without "." and "..". The last
	// piece has been read when it returns done. The entries alias buf.
	ReadDir(buf []byte) (ents Entries, done bool, err error)
	// Rewind makes ReadDir start again.
	Rewind() error

	// StatAt describes the entry itself; StatFollow what it points to, if it
	// is a symbolic link.
	StatAt(name string) (Stat, error)
	StatFollow(name string) (Stat, error)

	// OpenDir opens a directory of this one. Of the flags, Follow and NoAtime
	// mean something. ENOTDIR for anything else, a symbolic link too.
	OpenDir(name string, flags Flags) (Dir, error)
	// OpenPath opens a directory any number of levels below, by names joined
	// with '/', of any length together, none of them a symbolic link. "" is
	// the directory itself, with a position of its own.
	OpenPath(rel string) (Dir, error)
	// Open opens, and with Create makes, a file; perm is its mode if it is
	// made, less the umask. A symbolic link is refused with ELOOP unless
	// flags has Follow. It never waits for a fifo, so what it opens may be a
	// fifo or a device: Stat it before use.
	Open(name string, flags Flags, perm uint32) (File, error)

	// Mkdir makes a directory, less the umask.
	Mkdir(name string, perm uint32) error
	// Symlink makes name a symbolic link to target, of any bytes.
	Symlink(target, name string) error
	// Readlink returns what the symbolic link says; EINVAL if it is none.
	Readlink(name string) (string, error)
	// Mknod makes a fifo, a socket, or a device with number rdev, as in
	// Stat.Rdev. kind may also be Regular, for an empty file.
	Mknod(name string, kind Kind, perm uint32, rdev uint64) error
	// Link makes newName in newDir a second name of the entry oldName of this
	// directory; a symbolic link is itself linked. newDir must be of the same
	// FS as this one (EXDEV).
	Link(oldName string, newDir Dir, newName string) error
	// Unlink removes a name that is not a directory's, Rmdir an empty
	// directory's.
	Unlink(name string) error
	Rmdir(name string) error

	// Entry is the entry by its name, whatever that is when it is used. It
	// asks nothing of the file system, and needs no Close, but the directory
	// has to stay open.
	Entry(name string) Attributed

	// Sync makes everything written to the directory's file system durable,
	// as syncfs does.
	Sync() error
	// Close gives the descriptor back. It is not tried again if it fails, as
	// the descriptor is gone either way.
	Close() error
}

// File is an open file. It may be used by several goroutines at once; Close
// must come last.
type File interface {
	Attributed

	// Pread reads at off with one system call. It may be short; 0 without an
	// error is the end of the file. p is not kept.
	Pread(p []byte, off int64) (int, error)
	// Pwrite writes at off with one system call, and may be short with a nil
	// error: see WriteFull. p is not kept.
	Pwrite(p []byte, off int64) (int, error)
	// CopyRange has the kernel copy up to n bytes to dst with one system
	// call; the file systems may share blocks. It returns at least 1 byte, or
	// an error. ErrFallback means that nothing was moved and reading and
	// writing may well work: then do that from here on.
	CopyRange(dst File, srcOff, dstOff, n int64) (int64, error)

	// SeekData returns where the first data at or after off begin, io.EOF if
	// there are none. SeekHole returns where the first hole at or after off
	// begins; the end of the file counts as one, and io.EOF is for an off at
	// or beyond it. Where the file system knows of no holes all is data.
	SeekData(off int64) (int64, error)
	SeekHole(off int64) (int64, error)

	Truncate(size int64) error
	// Allocate is fallocate.
	Allocate(mode AllocMode, off, n int64) error
	// Advise tells how the range will be used. n = 0 means up to the end.
	Advise(advice Advice, off, n int64) error

	// Sync makes the file durable, as fsync does. What could not be written
	// comes out here, or in Close, and only once.
	Sync() error
	// Close gives the descriptor back. Its error counts: a full quota may be
	// told only here. It is not tried again.
	Close() error
}

// WriteFull writes all of p at off.
func WriteFull(f File, p []byte, off int64) error {
	for len(p) > 0 {
		n, err := f.Pwrite(p, off)
		if err != nil {
			return err
		}
		if n == 0 {
			return &Error{Op: "write", Err: ErrNoProgress}
		}
		p, off = p[n:], off+int64(n)
	}
	return nil
}
