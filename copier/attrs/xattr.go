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
	if err != nil {
		errs.add("list xattrs", Xattrs, err)
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
		if !errs.add("get "+name, lost, err) {
			a.put(name, bytes.Clone(value))
		}
	})
}

// wants tells of which attribute an xattr is a part, 0 if it stays behind.
func (k *Keeper) wants(name string) Set {
	switch {
	case name == accessACL || name == defaultACL || isNFS4ACL(name):
		return k.Preserve & ACL
	case strings.HasPrefix(name, "system."):
		return 0 // what the kernel shows of other things
	case k.Xattrs.Lets(name):
		return k.Preserve & Xattrs
	}
	return 0
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
	if !r.known.Fresh {
		r.removeOthers()
	}
	for _, x := range r.a.Xattrs {
		if !r.known.Fresh {
			if old, err := r.get(r.dst, x.Name); err == nil && bytes.Equal(old, x.Value) {
				continue
			}
		}
		r.errs.add("set "+x.Name, Xattrs, r.dst.SetXattr(x.Name, x.Value))
	}
}

func (r *applying) removeOthers() {
	list, err := r.listed(r.dst)
	if err != nil {
		r.errs.add("list xattrs", Xattrs, err)
		return
	}
	var gone []string
	eachName(list, func(name string) {
		if r.wants(name) == Xattrs && !r.a.has(name) {
			gone = append(gone, name)
		}
	})
	for _, name := range gone {
		if err := r.dst.RemoveXattr(name); !none(err) {
			r.errs.add("remove "+name, Xattrs, err)
		}
	}
}

func (a *Attributes) has(name string) bool {
	return name == capability && a.Capability != nil ||
		slices.ContainsFunc(a.Xattrs, func(x Xattr) bool { return x.Name == name })
}
