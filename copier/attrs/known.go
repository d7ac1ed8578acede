package attrs

import "gdcp/walker/fsys"

// Known is what the caller knows of a destination, which Apply then neither
// asks nor sets again. The zero value knows nothing: Apply asks, and makes the
// destination equal to the source, removing what the source has not.
type Known struct {
	// Fresh: it was made just now by this job. So it has no extended
	// attributes but what the system gives new files, and none is removed.
	Fresh bool

	// Owner: UID and GID are its owner and group.
	Owner    bool
	UID, GID uint32

	// Perm: Mode is its mode.
	Perm bool
	Mode uint32

	// NoACL: it has neither an access ACL nor, if it is a directory, a
	// default ACL.
	NoACL bool
}

// Birth is what new files of one directory are like, learned from the first
// one and then known of those that the same process makes in the same
// directory: the owner may be another one than the process's (a setgid
// directory, a grpid mount, NFS that squashes root), bits of the mode may be
// cut off (umask) and ACLs handed down. The zero value knows nothing. It must
// not be used for a directory whose mode or ACL was changed meanwhile.
type Birth struct {
	learned  bool
	uid, gid uint32
	tried    uint32 // bits of modes that were asked for
	kept     uint32 // those that came out as asked
	noACL    bool
}

// Learn looks at dst, which was made with the mode perm just now, and returns
// what is known with it, for two system calls: which bits of a mode are cut off is only seen where
// they were asked for.
func (b Birth) Learn(dst fsys.Attributed, perm uint32) (Birth, error) {
	st, err := dst.Stat()
	if err != nil {
		return Birth{}, err
	}
	if !b.learned || b.uid != st.UID || b.gid != st.GID {
		b = Birth{uid: st.UID, gid: st.GID}
		if b.noACL, err = hasNoACL(dst, st.Kind); err != nil {
			return Birth{}, err
		}
	}
	b.learned = true
	b.tried |= perm & 0o777
	if st.Mode&^perm == 0 {
		b.kept |= st.Mode & perm & 0o777
	}
	return b, nil
}

// Knows says whether Learn has seen all bits of perm being asked for, so that
// looking at one more file would tell nothing new.
func (b Birth) Knows(perm uint32) bool { return b.learned && perm&0o777&^b.tried == 0 }

// Fresh is what is known of a file just made with the mode perm.
func (b Birth) Fresh(perm uint32) Known {
	return Known{
		Fresh: true,
		Owner: b.learned, UID: b.uid, GID: b.gid,
		Perm: b.learned && b.noACL && perm&^b.kept == 0, Mode: perm,
		NoACL: b.noACL,
	}
}

// OwnedBy says whether a new file will have this owner and group from the
// start, so that it may be made with its final permissions at once and nobody
// reads it who could not read it in the end.
func (b Birth) OwnedBy(uid, gid uint32) bool {
	return b.learned && b.noACL && b.uid == uid && b.gid == gid
}
