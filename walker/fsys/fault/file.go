package fault

import "gdcp/walker/fsys"

type file struct {
	attributed
	under fsys.File
}

var _ fsys.File = (*file)(nil)

// moved does what moves bytes at off; most is how many it may move.
func (f *file) moved(verb string, off int64, want int, call func(most int) error) error {
	return f.fs.do(Op{Verb: verb, Path: f.path, Off: off}, func(e Effect) error {
		if e.Most > 0 {
			want = min(want, e.Most)
		}
		return call(want)
	})
}

// Pread implements fsys.File.
func (f *file) Pread(p []byte, off int64) (n int, err error) {
	err = f.moved("read", off, len(p), func(most int) (err error) { n, err = f.under.Pread(p[:most], off); return err })
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Pwrite implements fsys.File.
func (f *file) Pwrite(p []byte, off int64) (n int, err error) {
	err = f.moved("write", off, len(p), func(most int) (err error) { n, err = f.under.Pwrite(p[:most], off); return err })
	if err != nil {
		return 0, err
	}
	return n, nil
}

// CopyRange implements fsys.File.
func (f *file) CopyRange(dst fsys.File, srcOff, dstOff, n int64) (got int64, err error) {
	to, ok := dst.(*file)
	err = f.moved("copy", srcOff, int(n), func(most int) (err error) {
		if !ok {
			return fsys.ErrFallback
		}
		got, err = f.under.CopyRange(to.under, srcOff, dstOff, int64(most))
		return err
	})
	if err != nil {
		return 0, err
	}
	return got, nil
}

// SeekData implements fsys.File.
func (f *file) SeekData(off int64) (at int64, err error) {
	err = f.do("seek data", func() (err error) { at, err = f.under.SeekData(off); return err })
	return at, err
}

// SeekHole implements fsys.File.
func (f *file) SeekHole(off int64) (at int64, err error) {
	err = f.do("seek hole", func() (err error) { at, err = f.under.SeekHole(off); return err })
	return at, err
}

// Truncate implements fsys.File.
func (f *file) Truncate(size int64) error {
	return f.do("truncate", func() error { return f.under.Truncate(size) })
}

// Allocate implements fsys.File.
func (f *file) Allocate(mode fsys.AllocMode, off, n int64) error {
	return f.do("allocate", func() error { return f.under.Allocate(mode, off, n) })
}

// Advise implements fsys.File.
func (f *file) Advise(advice fsys.Advice, off, n int64) error {
	return f.do("advise", func() error { return f.under.Advise(advice, off, n) })
}

// Sync implements fsys.File.
func (f *file) Sync() error { return f.do("sync", f.under.Sync) }

// Close implements fsys.File.
func (f *file) Close() error { return f.closing(f.under) }
