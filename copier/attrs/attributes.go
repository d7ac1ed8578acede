package attrs

import "gdcp/walker/fsys"

// Attributes are what a file is besides its data, read from a source.
type Attributes struct {
	Kind         fsys.Kind
	Mode         uint32 // 0o7777
	UID, GID     uint32
	Atime, Mtime fsys.Time

	Xattrs     []Xattr // those that the Filter lets through, but for what follows
	Capability []byte  // security.capability; nil if there is none

	// ACLs in the form of system.posix_acl_access and _default; nil if there
	// is none. Default is a directory's.
	AccessACL, DefaultACL []byte
	// NFS4ACL are the attributes in which NFSv4 and its kin show ACLs.
	NFS4ACL []Xattr

	// Partial: something of the above could not be read. So nothing is
	// removed from a destination that was there before on the ground that it
	// is not in here.
	Partial bool
}

// Xattr is one extended attribute. A name has 1 to 255 bytes, none of them
// zero; a value up to 64 KiB on Linux.
type Xattr struct {
	Name  string
	Value []byte
}
