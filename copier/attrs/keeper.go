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
	if k.Preserve&(Xattrs|ACL|Mode) != 0 {
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
	if whole {
		r.times()
	}
	return r.errs
}

// applying is one call of Apply.
type applying struct {
	*Keeper
	dst   fsys.Attributed
	a     *Attributes
	known Known
	mode  uint32 // wanted; less bits that would give away more than the source does
	errs  errorList

	times0  [2]fsys.Time // the destination's when asked
	asked   bool
	opened  bool   // made writable for its owner
	restore uint32 // the mode before that, if it is to be the mode again
}

// ask finds out what is not known of owner and mode, if that matters. The mode
// of a new file is set anyway.
func (r *applying) ask() {
	if r.Preserve&(Mode|Ownership) == 0 || r.known.Owner && (r.known.Perm || r.known.Fresh) {
		return
	}
	st, err := r.dst.Stat()
	if err != nil {
		return // nothing is known then, and all is set
	}
	r.known.Owner, r.known.UID, r.known.GID = true, st.UID, st.GID
	r.known.Perm, r.known.Mode = true, st.Mode
	r.asked, r.times0 = true, [2]fsys.Time{st.Atime, st.Mtime}
}

func (r *applying) times() {
	if !r.Preserve.Has(Timestamps) || r.asked && r.times0 == [2]fsys.Time{r.a.Atime, r.a.Mtime} {
		return
	}
	r.errs.add("set times", Timestamps, r.dst.SetTimes(r.a.Atime, r.a.Mtime))
}
