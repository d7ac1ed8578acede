package attrs

import "gdcp/walker/fsys"

// Config says what is preserved. It is shared by all Keepers of a job.
type Config struct {
	Preserve Set
	// Xattrs chooses extended attributes if Preserve has Xattrs.
	Xattrs Filter
	// Umask is taken off the mode of new files if Preserve lacks Mode.
	Umask uint32
}

// Keeper reads and applies attributes. It is not safe for concurrent use.
type Keeper struct {
	Config
	list  []byte // names of extended attributes
	value []byte // one value
}

// NewKeeper makes a Keeper.
func NewKeeper(c Config) *Keeper { return &Keeper{Config: c} }

// Read takes from src what is preserved of it. st is what src.Stat said, and
// the only source of owner, mode and times. What could not be read is left
// out of the Attributes and named in the errors. The result is the caller's.
func (k *Keeper) Read(src fsys.Attributed, st *fsys.Stat) (Attributes, []*Error) {
	a := Attributes{Kind: st.Kind, Mode: st.Mode, UID: st.UID, GID: st.GID, Atime: st.Atime, Mtime: st.Mtime}
	var errs errorList
	if k.Preserve&(Xattrs|ACL) != 0 {
		k.readXattrs(src, &a, &errs)
	}
	return a, errs
}

// Apply gives dst the attributes a, as far as they are preserved. whole says
// that the data of dst is complete, and equal to what a was read with: only
// then are the times set, since a file with its source's mtime is taken for a
// finished one by the next run. The directory of a dst that is an entry by
// name has to stay open. Each attribute that could not be set is an error.
func (k *Keeper) Apply(dst fsys.Attributed, a *Attributes, known Known, whole bool) []*Error {
	r := applying{Keeper: k, dst: dst, a: a, known: known, mode: a.Mode}
	r.ask()
	moved := r.owner()
	r.xattrs()
	masked := r.acl()
	r.chmod(moved || masked)
	r.lateACLs()
	if a.Capability != nil && k.Preserve.Has(Xattrs) {
		r.errs.add("set capability", Xattrs, dst.SetXattr(capability, a.Capability))
	}
	if whole && k.Preserve.Has(Timestamps) {
		r.errs.add("set times", Timestamps, dst.SetTimes(a.Atime, a.Mtime))
	}
	return r.errs
}

// applying is one call of Apply.
type applying struct {
	*Keeper
	dst   fsys.Attributed
	a     *Attributes
	known Known
	mode  uint32 // wanted; without suid or sgid if the owner could not be set
	errs  errorList
}

// ask finds out what is not known of owner and mode, if that matters.
func (r *applying) ask() {
	if r.Preserve&(Mode|Ownership) == 0 || r.known.Owner && r.known.Perm {
		return
	}
	st, err := r.dst.Stat()
	if err != nil {
		return // nothing is known then, and all is set
	}
	r.known.Owner, r.known.UID, r.known.GID = true, st.UID, st.GID
	r.known.Perm, r.known.Mode = true, st.Mode
}

// owner sets owner and group; moved tells that it did, which may have cleared
// bits of the mode. Who may not give files away may still set the group.
func (r *applying) owner() (moved bool) {
	if !r.Preserve.Has(Ownership) || r.known.Owner && r.known.UID == r.a.UID && r.known.GID == r.a.GID {
		return false
	}
	err := r.dst.Chown(r.a.UID, r.a.GID)
	if err == nil {
		return true
	}
	r.errs.add("set owner", Ownership, err)
	r.mode &^= 0o4000
	if r.known.Owner && r.known.GID == r.a.GID {
		return false
	}
	if r.dst.Chown(fsys.Keep, r.a.GID) != nil {
		r.mode &^= 0o2000
	}
	return true
}

// chmod sets the mode. anyway tells that what is known of it may be outdated.
func (r *applying) chmod(anyway bool) {
	switch {
	case r.a.Kind == fsys.Symlink:
		return
	case !r.Preserve.Has(Mode) && !r.known.Fresh:
		return
	case !r.Preserve.Has(Mode):
		r.mode = r.mode & 0o777 &^ r.Umask
	}
	if anyway || !r.known.Perm || r.known.Mode != r.mode {
		r.errs.add("set mode", Mode, r.dst.Chmod(r.mode))
	}
}
