package fault

import "gdcp/walker/fsys"

// attributed wraps what has attributes.
type attributed struct {
	fs    *FS
	path  string
	under fsys.Attributed
}

func (a *attributed) do(verb string, call func() error) error {
	return a.fs.do(Op{Verb: verb, Path: a.path}, func(Effect) error { return call() })
}

// Stat implements fsys.Attributed.
func (a *attributed) Stat() (st fsys.Stat, err error) {
	err = a.do("stat", func() (err error) { st, err = a.under.Stat(); return err })
	return st, err
}

// Chown implements fsys.Attributed.
func (a *attributed) Chown(uid, gid uint32) error {
	return a.do("set owner", func() error { return a.under.Chown(uid, gid) })
}

// Chmod implements fsys.Attributed.
func (a *attributed) Chmod(mode uint32) error {
	return a.do("set mode", func() error { return a.under.Chmod(mode) })
}

// SetTimes implements fsys.Attributed.
func (a *attributed) SetTimes(atime, mtime fsys.Time) error {
	return a.do("set times", func() error { return a.under.SetTimes(atime, mtime) })
}

// ListXattr implements fsys.Attributed.
func (a *attributed) ListXattr(buf []byte) (n int, err error) {
	err = a.do("list xattrs", func() (err error) { n, err = a.under.ListXattr(buf); return err })
	return n, err
}

// GetXattr implements fsys.Attributed.
func (a *attributed) GetXattr(name string, buf []byte) (n int, err error) {
	err = a.do("get xattr", func() (err error) { n, err = a.under.GetXattr(name, buf); return err })
	return n, err
}

// SetXattr implements fsys.Attributed.
func (a *attributed) SetXattr(name string, value []byte) error {
	return a.do("set xattr", func() error { return a.under.SetXattr(name, value) })
}

// RemoveXattr implements fsys.Attributed.
func (a *attributed) RemoveXattr(name string) error {
	return a.do("remove xattr", func() error { return a.under.RemoveXattr(name) })
}

// closing closes a descriptor, whatever it says about that.
func (a *attributed) closing(c interface{ Close() error }) error {
	op := Op{Verb: "close", Path: a.path}
	e := a.fs.next(op)
	if err := c.Close(); err != nil {
		return err
	}
	return op.failed(e.Err)
}
