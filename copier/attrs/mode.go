package attrs

import "gdcp/walker/fsys"

// chmod sets the mode. anyway tells that what is known of it may be outdated.
func (r *applying) chmod(anyway bool) {
	mode, ok := r.wanted()
	if ok && (anyway || !r.known.Perm || r.known.Mode != mode) {
		r.errs.add("set mode", Mode, r.dst.Chmod(mode))
	}
}

// wanted is the mode to be, if there is one: a symbolic link has none, and
// where modes are not preserved that of a file that was there before stays.
func (r *applying) wanted() (mode uint32, ok bool) {
	switch {
	case r.a.Kind == fsys.Symlink:
		return 0, false
	case r.Preserve.Has(Mode):
		return r.mode, true
	case r.known.Fresh:
		return r.a.Mode & 0o777 &^ r.Umask, true
	}
	return r.restore, r.opened
}
