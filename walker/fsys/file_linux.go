package fsys

import (
	"io"

	"golang.org/x/sys/unix"
)

// osFile is a file's descriptor.
type osFile struct{ osHandle }

// Pread implements File.
func (f *osFile) Pread(p []byte, off int64) (n int, err error) {
	err = f.do("read", func() error { n, err = unix.Pread(f.fd, p, off); return err })
	return n, err
}

// Pwrite implements File.
func (f *osFile) Pwrite(p []byte, off int64) (n int, err error) {
	err = f.do("write", func() error { n, err = unix.Pwrite(f.fd, p, off); return err })
	return n, err
}

// CopyRange implements File with copy_file_range. The error numbers that mean
// "nothing was moved, read and write instead" are those of Go's
// internal/poll/copy_file_range_linux.go, with 0 bytes for files of which the
// kernel does not know the size, as in /proc.
func (f *osFile) CopyRange(dst File, srcOff, dstOff, n int64) (int64, error) {
	to, ok := dst.(*osFile)
	if !ok {
		return 0, ErrFallback
	}
	var got int
	err := again(func() (err error) {
		so, do := srcOff, dstOff
		got, err = unix.CopyFileRange(f.fd, &so, to.fd, &do, int(n), 0)
		return err
	})
	switch err {
	case nil:
		if got == 0 {
			return 0, ErrFallback
		}
		return int64(got), nil
	case unix.ENOSYS, unix.EXDEV, unix.EINVAL, unix.EIO, unix.EOPNOTSUPP, unix.EPERM, unix.EBADF, unix.ETXTBSY:
		return 0, ErrFallback
	}
	return 0, &Error{"copy", "", err}
}

// SeekData implements File.
func (f *osFile) SeekData(off int64) (int64, error) {
	at, err := unix.Seek(f.fd, off, unix.SEEK_DATA)
	switch err {
	case nil:
		return at, nil
	case unix.ENXIO:
		return 0, io.EOF
	case unix.EINVAL: // a file system that knows of no holes
		return off, nil
	}
	return 0, &Error{"seek data", "", err}
}

// SeekHole implements File.
func (f *osFile) SeekHole(off int64) (int64, error) {
	at, err := unix.Seek(f.fd, off, unix.SEEK_HOLE)
	switch err {
	case nil:
		return at, nil
	case unix.ENXIO:
		return 0, io.EOF
	case unix.EINVAL:
		st, err := f.Stat()
		return st.Size, err
	}
	return 0, &Error{"seek hole", "", err}
}

// Truncate implements File.
func (f *osFile) Truncate(size int64) error {
	return f.do("truncate", func() error { return unix.Ftruncate(f.fd, size) })
}

// Allocate implements File.
func (f *osFile) Allocate(mode AllocMode, off, n int64) error {
	return f.do("allocate", func() error { return unix.Fallocate(f.fd, uint32(mode), off, n) })
}

// Advise implements File.
func (f *osFile) Advise(advice Advice, off, n int64) error {
	return f.do("advise", func() error { return unix.Fadvise(f.fd, off, n, int(advice)) })
}

// Sync implements File.
func (f *osFile) Sync() error {
	return f.do("sync", func() error { return unix.Fsync(f.fd) })
}
