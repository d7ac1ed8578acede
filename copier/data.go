package copier

import (
	"errors"

	"gdcp/walker/fsys"
)

// kernelCopy is the size in bytes from which on copy_file_range is tried: for
// less, one read and one write are no dearer, and never have to be tried again.
const kernelCopy = 256 << 10

// kernelPiece bounds one call of copy_file_range in bytes, so that a cancelled
// job ends soon, and the progress moves.
const kernelPiece = 64 << 20

// copyRange copies n bytes at off and returns how many it has copied.
func (c *call) copyRange(src, dst fsys.File, off, n int64) (done int64, err error) {
	if n >= kernelCopy {
		done, err = c.kernelRange(src, dst, off, n)
		if !errors.Is(err, fsys.ErrFallback) {
			return done, err
		}
	}
	if c.buf == nil {
		c.buf = make([]byte, c.o.BufSize)
	}
	for done < n {
		if err := c.ctx.Err(); err != nil {
			return done, err
		}
		buf := c.buf[:min(int64(len(c.buf)), n-done)]
		got, err := src.Pread(buf, off+done)
		if err != nil {
			return done, step("read", err)
		}
		if got == 0 {
			return done, errShrunk
		}
		if err := fsys.WriteFull(dst, buf[:got], off+done); err != nil {
			return done, step("write", err)
		}
		done += int64(got)
	}
	return done, nil
}

func (c *call) kernelRange(src, dst fsys.File, off, n int64) (done int64, err error) {
	for done < n {
		if err := c.ctx.Err(); err != nil {
			return done, err
		}
		got, err := src.CopyRange(dst, off+done, off+done, min(n-done, kernelPiece))
		if err != nil {
			return done, step("copy", err)
		}
		done += got
	}
	return done, nil
}
