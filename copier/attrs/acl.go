package attrs

import (
	"encoding/binary"
	"slices"
	"syscall"

	"gdcp/walker/fsys"
)

// The names by which ACLs are seen as extended attributes.
const (
	accessACL  = "system.posix_acl_access"
	defaultACL = "system.posix_acl_default"
	capability = "security.capability"
)

// isNFS4ACL tells the names of NFSv4 ACLs: the client's own, and the form of
// Ganesha, ZFS and TrueNAS.
func isNFS4ACL(name string) bool {
	return name == "system.nfs4_acl" || name == "system.nfs4acl_xdr"
}

// none tells the errors that mean that an attribute is not there, or cannot be
// there on this file system.
func none(err error) bool {
	switch fsys.Errno(err) {
	case syscall.ENODATA, syscall.EOPNOTSUPP:
		return true
	}
	return false
}

func hasNoACL(dst fsys.Attributed, kind fsys.Kind) (bool, error) {
	names := []string{accessACL, defaultACL}
	if kind != fsys.Directory {
		names = names[:1]
	}
	for _, name := range names {
		if _, err := dst.GetXattr(name, nil); err == nil || !none(err) {
			return false, err
		}
	}
	return true, nil
}

// acl makes the access ACL what it is to be. touched tells that it was set or
// removed, after which the mode is to be set.
func (r *applying) acl() (touched bool) {
	if r.a.Kind == fsys.Symlink {
		return false
	}
	acl := r.a.AccessACL
	if acl != nil && r.Preserve.Has(ACL) {
		err := r.dst.SetXattr(accessACL, acl)
		if err == nil {
			return true
		}
		if len(acl) > minimalACL || !none(err) {
			r.errs.add("set access ACL", ACL, err)
		}
	}
	if acl != nil {
		r.mode = withoutACL(r.mode, acl)
	}
	if r.known.NoACL || !r.staleACL() {
		return false
	}
	return r.removeACL("remove access ACL", accessACL)
}

// staleACL says whether an ACL at the destination is not to be there. Where
// ACLs are not preserved but modes are, that is one handed down to a new file,
// on which the mode would not mean what it means at the source.
func (r *applying) staleACL() bool {
	if r.known.Fresh {
		return r.Preserve&(ACL|Mode) != 0
	}
	return r.Preserve.Has(ACL) && !r.a.Partial
}

// An ACL is 4 bytes of version, then entries of tag (2 bytes), permissions (2)
// and id (4), little-endian. The minimal one says what the mode says.
const (
	aclHeader  = 4
	aclEntry   = 8
	minimalACL = aclHeader + 3*aclEntry

	aclGroupObj = 0x04
)

// withoutACL is the mode that gives no more than mode does together with acl.
// Under an ACL the mode's group bits are the mask: the most that anybody named
// gets. Taken alone they would be the owning group's.
func withoutACL(mode uint32, acl []byte) uint32 {
	group := uint32(0)
	for e := range slices.Chunk(acl[min(aclHeader, len(acl)):], aclEntry) {
		if len(e) == aclEntry && binary.LittleEndian.Uint16(e) == aclGroupObj {
			group = uint32(e[2]) & 7
		}
	}
	return mode&^0o070 | mode&(group<<3)
}

func (r *applying) removeACL(op, name string) (removed bool) {
	err := r.dst.RemoveXattr(name)
	if err == nil {
		return true
	}
	if !none(err) {
		r.errs.add(op, ACL, err)
	}
	return false
}

// lateACLs are those that a chmod would change, or that are a directory's for
// what is made in it.
func (r *applying) lateACLs() {
	if !r.Preserve.Has(ACL) {
		return
	}
	switch {
	case r.a.DefaultACL != nil:
		r.errs.add("set default ACL", ACL, r.dst.SetXattr(defaultACL, r.a.DefaultACL))
	case r.a.Kind == fsys.Directory && !r.known.NoACL && (r.known.Fresh || !r.a.Partial):
		r.removeACL("remove default ACL", defaultACL)
	}
	for _, x := range r.a.NFS4ACL {
		r.errs.add("set "+x.Name[len("system."):], ACL, r.dst.SetXattr(x.Name, x.Value))
	}
}
