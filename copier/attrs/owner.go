package attrs

import "gdcp/walker/fsys"

const (
	setUID = 0o4000
	setGID = 0o2000
)

// owner sets owner and group; moved tells that it did, which may have cleared
// bits of the mode. Who may not give files away may still set the group.
func (r *applying) owner() (moved bool) {
	if !r.Preserve.Has(Ownership) {
		r.disarm(r.known.UID, r.known.GID)
		return false
	}
	if r.known.Owner && r.known.UID == r.a.UID && r.known.GID == r.a.GID {
		return false
	}
	err := r.dst.Chown(r.a.UID, r.a.GID)
	if err == nil {
		return true
	}
	r.errs.add("set owner", Ownership, err)
	r.refused()
	return true
}

// refused is for a chown that was: the group alone may be permitted. No
// program gets suid or sgid bits then, even if it has the right group. A
// directory with the right group keeps sgid, which there is no privilege, but
// hands the group down.
func (r *applying) refused() {
	r.mode &^= setUID
	right := r.known.Owner && r.known.GID == r.a.GID || r.dst.Chown(fsys.Keep, r.a.GID) == nil
	if !right || r.a.Kind != fsys.Directory {
		r.mode &^= setGID
	}
}

// disarm takes suid and sgid off a mode that is preserved where the owner is
// not: a program of somebody's must not become one that runs as whoever copied
// it.
func (r *applying) disarm(uid, gid uint32) {
	if !r.known.Owner || uid != r.a.UID {
		r.mode &^= setUID
	}
	if (!r.known.Owner || gid != r.a.GID) && r.a.Kind != fsys.Directory {
		r.mode &^= setGID
	}
}
