package attrs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"

	"gdcp/walker/fsys"
)

// fake is a file that does as Linux does where one attribute undoes another,
// and writes down what was done to it.
type fake struct {
	st     fsys.Stat
	xattrs map[string]string
	fail   map[string]error // what each operation, as it is written down, fails with
	log    []string
}

func newFake(kind fsys.Kind, mode uint32) *fake {
	return &fake{st: fsys.Stat{Kind: kind, Mode: mode}, xattrs: map[string]string{}, fail: map[string]error{}}
}

// did writes down an operation. It fails if the whole line or its first word
// is to fail.
func (f *fake) did(format string, args ...any) error {
	line := fmt.Sprintf(format, args...)
	f.log = append(f.log, line)
	verb, _, _ := strings.Cut(line, " ")
	for _, key := range []string{line, verb} {
		if err := f.fail[key]; err != nil {
			return &fsys.Error{Op: verb, Path: "fake", Err: err}
		}
	}
	return nil
}

func (f *fake) Stat() (fsys.Stat, error) { return f.st, f.did("stat") }

// Chown clears suid, sgid and the capability, whether or not it changes
// anything.
func (f *fake) Chown(uid, gid uint32) error {
	if err := f.did("chown %d:%d", int32(uid), int32(gid)); err != nil {
		return err
	}
	if uid != fsys.Keep {
		f.st.UID = uid
	}
	if gid != fsys.Keep {
		f.st.GID = gid
	}
	if f.st.Kind == fsys.Regular {
		f.st.Mode &^= setUID | setGID
	}
	delete(f.xattrs, capability)
	return nil
}

// Chmod sets the mask of an ACL.
func (f *fake) Chmod(mode uint32) error {
	err := f.did("chmod %o", mode)
	if err == nil {
		f.st.Mode = mode
		f.remask()
	}
	return err
}

func (f *fake) remask() {
	acl, ok := f.xattrs[accessACL]
	if !ok {
		return
	}
	entries := parseACL(acl)
	for i := range entries {
		if entries[i].tag == aclMask {
			entries[i].perm = f.st.Mode >> 3 & 7
		}
	}
	f.xattrs[accessACL] = makeACL(entries)
}

func (f *fake) SetTimes(atime, mtime fsys.Time) error {
	err := f.did("times %d %d", atime.Sec, mtime.Sec)
	if err == nil {
		f.st.Atime, f.st.Mtime = atime, mtime
	}
	return err
}

func (f *fake) ListXattr(buf []byte) (int, error) {
	if err := f.did("list"); err != nil {
		return 0, err
	}
	var list []byte
	for _, name := range slices.Sorted(maps.Keys(f.xattrs)) {
		list = append(append(list, name...), 0)
	}
	return fill(buf, list)
}

func (f *fake) GetXattr(name string, buf []byte) (int, error) {
	if err := f.did("get %s", name); err != nil {
		return 0, err
	}
	v, ok := f.xattrs[name]
	if !ok {
		return 0, &fsys.Error{Op: "get", Err: syscall.ENODATA}
	}
	return fill(buf, []byte(v))
}

func fill(buf, v []byte) (int, error) {
	if len(buf) > 0 && len(buf) < len(v) {
		return 0, &fsys.Error{Op: "get", Err: syscall.ERANGE}
	}
	copy(buf, v)
	return len(v), nil
}

// SetXattr of an access ACL sets the permission bits of the mode.
func (f *fake) SetXattr(name string, value []byte) error {
	if err := f.did("set %s", name); err != nil {
		return err
	}
	if strings.HasPrefix(name, "user.") && f.st.Mode&0o200 == 0 {
		return &fsys.Error{Op: "set", Err: syscall.EACCES}
	}
	f.xattrs[name] = string(value)
	if name == accessACL {
		f.st.Mode = f.st.Mode&^0o777 | modeOfACL(parseACL(string(value)))
	}
	return nil
}

func (f *fake) RemoveXattr(name string) error {
	if err := f.did("remove %s", name); err != nil {
		return err
	}
	if _, ok := f.xattrs[name]; !ok {
		return &fsys.Error{Op: "remove", Err: syscall.ENODATA}
	}
	delete(f.xattrs, name)
	return nil
}

// aclEnt is an entry of an ACL.
type aclEnt struct {
	tag  uint16
	perm uint32
	id   uint32
}

const (
	aclUserObj  = 0x01
	aclUser     = 0x02
	aclMask     = 0x10
	aclOther    = 0x20
	aclNoID     = 1<<32 - 1
	aclVersion2 = "\x02\x00\x00\x00"
)

func makeACL(entries []aclEnt) string {
	b := []byte(aclVersion2)
	for _, e := range entries {
		b = append(b, byte(e.tag), byte(e.tag>>8), byte(e.perm), 0,
			byte(e.id), byte(e.id>>8), byte(e.id>>16), byte(e.id>>24))
	}
	return string(b)
}

func parseACL(acl string) (entries []aclEnt) {
	for b := acl[aclHeader:]; len(b) >= aclEntry; b = b[aclEntry:] {
		entries = append(entries, aclEnt{
			tag: uint16(b[0]) | uint16(b[1])<<8, perm: uint32(b[2]),
			id: uint32(b[4]) | uint32(b[5])<<8 | uint32(b[6])<<16 | uint32(b[7])<<24,
		})
	}
	return entries
}

// modeOfACL is what the mode says under an ACL: in the place of the group the
// mask, if there is one.
func modeOfACL(entries []aclEnt) (mode uint32) {
	group := uint32(0)
	for _, e := range entries {
		switch e.tag {
		case aclUserObj:
			mode |= e.perm << 6
		case aclGroupObj:
			group = e.perm
		case aclOther:
			mode |= e.perm
		}
	}
	for _, e := range entries {
		if e.tag == aclMask {
			group = e.perm
		}
	}
	return mode | group<<3
}

// userACL lets user 1234 do what mask says, and the owning group only group.
func userACL(owner, user, group, mask, other uint32) string {
	return makeACL([]aclEnt{
		{aclUserObj, owner, aclNoID}, {aclUser, user, 1234}, {aclGroupObj, group, aclNoID},
		{aclMask, mask, aclNoID}, {aclOther, other, aclNoID},
	})
}
