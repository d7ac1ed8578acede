package fsys

import (
	"io"

	"golang.org/x/sys/unix"
)

// osFile is a file's descriptor.
type osFile struct{ osHandle }

// Pread implements File.
func (f *osFile) Pread(p []byte, off int64) (n int, err error) {
	err = f.do("read", func() (err error) { n, err = unix.Pread(f.fd(), p, off); return f.blocking(err) })
	return count(n, err)
}

// Pwrite implements File.
func (f *osFile) Pwrite(p []byte, off int64) (n int, err error) {
	err = f.do("write", func() (err error) { n, err = unix.Pwrite(f.fd(), p, off); return f.blocking(err) })
	return count(n, err)
}

// blocking takes O_NONBLOCK off, which Open put there, on file systems on which
// it means something to regular files (those that fetch data from tape, or
// wait for another node's lock); the next try then waits in the kernel.
func (f *osFile) blocking(err error) error {
	if err == unix.EAGAIN { //nolint:errorlint // a bare number
		_ = unix.SetNonblock(f.fd(), false) // else it is tried again anyway
	}
	return err
}

// maxCopyRange is the most that one copy_file_range moves (MAX_RW_COUNT).
const maxCopyRange = 0x7ffff000

// CopyRange implements File with copy_file_range.
func (f *osFile) CopyRange(dst File, srcOff, dstOff, n int64) (int64, error) {
	to, ok := dst.(*osFile)
	if !ok || !f.kernel.copyRange {
		return 0, ErrFallback
	}
	var got int
	err := again(func() (err error) {
		from, at := srcOff, dstOff
		got, err = unix.CopyFileRange(f.fd(), &from, to.fd(), &at, int(min(n, maxCopyRange)), 0)
		return f.blocking(err)
	})
	if err == nil && got > 0 {
		return int64(got), nil
	}
	if err == nil || nothingMoved(err) {
		return 0, ErrFallback
	}
	return 0, &Error{"copy", f.name, err}
}

// nothingMoved tells the errors of copy_file_range after which reading and
// writing may work. They are those of Go's
// internal/poll/copy_file_range_linux.go: not there (ENOSYS); not across these
// file systems (EXDEV, EINVAL); not on this one (EOPNOTSUPP of NFS, EIO of
// CIFS, https://go.dev/issue/42334); not in this container (EPERM). ETXTBSY is
// what a swap file says. No error and no bytes is what files say whose size the
// kernel does not know, as in /proc, and the end of any file.
func nothingMoved(err error) bool {
	switch err {
	case unix.ENOSYS, unix.EXDEV, unix.EINVAL, unix.EIO, unix.EOPNOTSUPP, unix.EPERM, unix.ETXTBSY: //nolint:errorlint // a bare number
		return true
	}
	return false
}

// SeekData implements File.
func (f *osFile) SeekData(off int64) (int64, error) {
	at, err := f.seek(off, unix.SEEK_DATA)
	if err != unix.EINVAL { //nolint:errorlint // a bare number
		return at, f.seekError("seek data", err)
	}
	size, err := f.size() // it knows of no holes: there are data up to the end
	if err == nil && off >= size {
		return 0, io.EOF
	}
	return off, err
}

// SeekHole implements File.
func (f *osFile) SeekHole(off int64) (int64, error) {
	at, err := f.seek(off, unix.SEEK_HOLE)
	if err != unix.EINVAL { //nolint:errorlint // a bare number
		return at, f.seekError("seek hole", err)
	}
	size, err := f.size()
	if err == nil && off >= size {
		return 0, io.EOF
	}
	return size, err
}

func (f *osFile) seek(off int64, whence int) (at int64, err error) {
	err = again(func() (err error) { at, err = unix.Seek(f.fd(), off, whence); return err })
	if err != nil {
		at = 0
	}
	return at, err
}

func (f *osFile) seekError(op string, err error) error {
	if err == unix.ENXIO { //nolint:errorlint // a bare number
		return io.EOF
	}
	return wrap(op, f.name, err)
}

func (f *osFile) size() (int64, error) {
	st, err := f.Stat()
	return st.Size, err
}

// Truncate implements File.
func (f *osFile) Truncate(size int64) error {
	return f.do("truncate", func() error { return unix.Ftruncate(f.fd(), size) })
}

// Allocate implements File.
func (f *osFile) Allocate(mode AllocMode, off, n int64) error {
	return f.do("allocate", func() error { return unix.Fallocate(f.fd(), uint32(mode), off, n) })
}

// Advise implements File.
func (f *osFile) Advise(advice Advice, off, n int64) error {
	return f.do("advise", func() error { return unix.Fadvise(f.fd(), off, n, int(advice)) })
}

// Sync implements File.
func (f *osFile) Sync() error {
	return f.do("sync", func() error { return unix.Fsync(f.fd()) })
}
