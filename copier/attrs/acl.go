package attrs

import (
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

func hasNoACL(dst fsys.Attributed) (bool, error) {
	for _, name := range [...]string{accessACL, defaultACL} {
		_, err := dst.GetXattr(name, nil)
		switch {
		case err == nil:
			return false, nil
		case none(err):
		case name == defaultACL && fsys.Errno(err) == syscall.EACCES: // not a directory
		default:
			return false, err
		}
	}
	return true, nil
}

// acl makes the access ACL what it is to be. touched tells that it was set or
// removed, after which the mode is to be set.
func (r *applying) acl() (touched bool) {
	if !r.Preserve.Has(ACL) || r.a.Kind == fsys.Symlink {
		return false
	}
	if r.a.AccessACL != nil {
		return !r.errs.add("set access ACL", ACL, r.dst.SetXattr(accessACL, r.a.AccessACL))
	}
	if r.known.NoACL {
		return false
	}
	return r.removeACL("remove access ACL", accessACL)
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
	case r.a.Kind == fsys.Directory && !r.known.NoACL:
		r.removeACL("remove default ACL", defaultACL)
	}
	for _, x := range r.a.NFS4ACL {
		r.errs.add("set "+x.Name, ACL, r.dst.SetXattr(x.Name, x.Value))
	}
}
