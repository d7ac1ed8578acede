package attrs

import (
	"bytes"
	"slices"
	"strings"
	"syscall"

	"gdcp/walker/fsys"
)

// listed returns the names of the extended attributes of f. They alias the
// Keeper's memory. A file system without any has an empty list.
func (k *Keeper) listed(f fsys.Attributed) (names []byte, err error) {
	if k.list == nil {
		k.list = make([]byte, 1024)
	}
	for {
		n, err := f.ListXattr(k.list)
		switch {
		case err == nil:
			return k.list[:n], nil
		case fsys.Errno(err) == syscall.EOPNOTSUPP:
			return nil, nil
		case fsys.Errno(err) != syscall.ERANGE || len(k.list) > maxXattr:
			return nil, err
		}
		k.list = make([]byte, 4*len(k.list))
	}
}

// maxXattr is Linux's limit of a list of names, and of a value, in bytes.
const maxXattr = 64 << 10

// get returns a value, in the Keeper's memory.
func (k *Keeper) get(f fsys.Attributed, name string) ([]byte, error) {
	if k.value == nil {
		k.value = make([]byte, 1024)
	}
	for {
		n, err := f.GetXattr(name, k.value)
		if err == nil {
			return k.value[:n], nil
		}
		if fsys.Errno(err) != syscall.ERANGE || len(k.value) > maxXattr {
			return nil, err
		}
		k.value = make([]byte, 4*len(k.value))
	}
}

// eachName calls do for each name of a list.
func eachName(list []byte, do func(name string)) {
	for name := range bytes.SplitSeq(list, []byte{0}) {
		if len(name) > 0 {
			do(string(name))
		}
	}
}

// readXattrs sorts what src has into Attributes.
func (k *Keeper) readXattrs(src fsys.Attributed, a *Attributes, errs *errorList) {
	list, err := k.listed(src)
	if errs.add("list xattrs", k.Preserve&(Xattrs|ACL), err) {
		a.Partial = true
		return
	}
	eachName(list, func(name string) {
		lost := k.wants(name)
		if lost == 0 {
			return
		}
		value, err := k.get(src, name)
		if fsys.Errno(err) == syscall.ENODATA {
			return // it was removed meanwhile
		}
		if errs.add("get xattr "+fsys.Quote(name), lost, err) {
			a.Partial = true
			return
		}
		a.put(name, bytes.Clone(value))
	})
}

// wants tells of which attribute an xattr is a part, 0 if it stays behind.
func (k *Keeper) wants(name string) Set {
	switch {
	case name == accessACL: // without which a mode's group bits are not to be trusted
		return k.Preserve & (ACL | Mode)
	case name == defaultACL || isNFS4ACL(name):
		return k.Preserve & ACL
	case strings.HasPrefix(name, "system."):
		return 0 // what the kernel shows of other things
	case name == "security.evm":
		return 0 // a seal over this very inode, which only the kernel can make
	case k.Xattrs.Lets(name):
		return k.Preserve & Xattrs
	}
	return 0
}

// isLabel tells the names under which security modules keep their labels. A
// destination has labels of its own, by its place and its mount, and mostly
// only its policy says whether others are let in: as with cp -a, a label that
// is refused is not counted as lost, and none is removed.
func isLabel(name string) bool {
	own, ok := strings.CutPrefix(name, "security.")
	return ok && (own == "selinux" || own == "apparmor" || strings.HasPrefix(own, "SMACK64"))
}

func (a *Attributes) put(name string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	switch {
	case name == accessACL:
		a.AccessACL = value
	case name == defaultACL:
		a.DefaultACL = value
	case name == capability:
		a.Capability = value
	case isNFS4ACL(name):
		a.NFS4ACL = append(a.NFS4ACL, Xattr{name, value})
	default:
		a.Xattrs = append(a.Xattrs, Xattr{name, value})
	}
}

// xattrs sets what the source has, and removes from a file that was there
// before what it has not.
func (r *applying) xattrs() {
	if !r.Preserve.Has(Xattrs) {
		return
	}
	if !r.known.Fresh && !r.a.Partial {
		r.removeOthers()
	}
	for _, x := range r.a.Xattrs {
		if r.known.Fresh || !r.hasXattr(x) {
			r.setXattr(x)
		}
	}
}

// hasXattr says whether the destination has it already.
func (r *applying) hasXattr(x Xattr) bool {
	old, err := r.get(r.dst, x.Name)
	return err == nil && bytes.Equal(old, x.Value)
}

func (r *applying) setXattr(x Xattr) {
	err := r.writable(func() error { return r.dst.SetXattr(x.Name, x.Value) })
	if err != nil && isLabel(x.Name) {
		return
	}
	r.errs.add("set xattr "+fsys.Quote(x.Name), Xattrs, err)
}

// writable does what needs write permission. An owner who has none (a copy
// that was there, or was made, with mode 0444) may give it to himself; the
// mode is set later.
func (r *applying) writable(do func() error) error {
	err := do()
	if fsys.Errno(err) != syscall.EACCES || r.opened || r.a.Kind == fsys.Symlink {
		return err
	}
	r.opened = true
	st, statErr := r.dst.Stat()
	if statErr != nil || r.dst.Chmod(st.Mode|0o600) != nil {
		return err
	}
	r.known.Perm, r.known.Mode = true, st.Mode|0o600
	if !r.Preserve.Has(Mode) && !r.known.Fresh {
		r.restore = st.Mode // which nobody has asked to change
	}
	return do()
}

func (r *applying) removeOthers() {
	list, err := r.listed(r.dst)
	if r.errs.add("list xattrs", Xattrs, err) {
		return
	}
	var gone []string
	eachName(list, func(name string) {
		if r.wants(name) == Xattrs && !isLabel(name) && !r.a.has(name) {
			gone = append(gone, name)
		}
	})
	for _, name := range gone {
		err := r.writable(func() error { return r.dst.RemoveXattr(name) })
		if !none(err) {
			r.errs.add("remove xattr "+fsys.Quote(name), Xattrs, err)
		}
	}
}

func (a *Attributes) has(name string) bool {
	return name == capability && a.Capability != nil ||
		slices.ContainsFunc(a.Xattrs, func(x Xattr) bool { return x.Name == name })
}
