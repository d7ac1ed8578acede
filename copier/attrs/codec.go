package attrs

import (
	"encoding/binary"
	"fmt"

	"gdcp/walker/fsys"
)

// The encoding: a version; kind; mode, owner, group as uvarints; times as
// varint seconds and uvarint nanoseconds; a byte of flags; then what the flags
// say is there: capability, access and default ACL as values; then the xattrs
// and the NFSv4 ACLs, each a count and pairs of name and value. A name or value
// is a uvarint length and its bytes.
const codecVersion = 1

const (
	hasCapability = 1 << iota
	hasAccessACL
	hasDefaultACL
	isPartial
	knownFlags = 1<<iota - 1
)

// Limits of what DecodeAttributes takes: Linux's own.
const (
	maxName  = 255
	maxValue = maxXattr
	maxNames = maxXattr / 2 // in a list: names of one byte, each ended by zero
)

// AppendTo encodes a after b.
func (a *Attributes) AppendTo(b []byte) []byte {
	b = append(b, codecVersion, byte(a.Kind))
	for _, v := range [...]uint32{a.Mode, a.UID, a.GID} {
		b = binary.AppendUvarint(b, uint64(v))
	}
	for _, t := range [...]fsys.Time{a.Atime, a.Mtime} {
		b = binary.AppendVarint(b, t.Sec)
		b = binary.AppendUvarint(b, uint64(t.Nsec))
	}
	b = append(b, a.flags())
	for _, v := range [...][]byte{a.Capability, a.AccessACL, a.DefaultACL} {
		if v != nil {
			b = appendBytes(b, v)
		}
	}
	b = appendXattrs(b, a.Xattrs)
	return appendXattrs(b, a.NFS4ACL)
}

func (a *Attributes) flags() (f byte) {
	for i, set := range [...]bool{a.Capability != nil, a.AccessACL != nil, a.DefaultACL != nil, a.Partial} {
		if set {
			f |= 1 << i
		}
	}
	return f
}

func appendXattrs(b []byte, list []Xattr) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, x := range list {
		b = appendBytes(appendBytes(b, x.Name), x.Value)
	}
	return b
}

func appendBytes[T string | []byte](b []byte, v T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// DecodeAttributes reads what AppendTo wrote, all of b. It copies out of b, and
// never takes more memory than a small multiple of it.
func DecodeAttributes(b []byte) (Attributes, error) {
	d := decoder{rest: b}
	a := d.attributes()
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes too many", len(d.rest))
	}
	if d.err != nil {
		return Attributes{}, fmt.Errorf("attributes as another rank sent them: %w", d.err)
	}
	return a, nil
}

// decoder takes values off the front of rest; after the first error all are
// zero.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) attributes() (a Attributes) {
	if v := d.byte(); v != codecVersion {
		d.fail("version %d, want %d", v, codecVersion)
	}
	a.Kind = fsys.Kind(d.byte())
	if a.Kind >= fsys.Kinds {
		d.fail("kind %d", a.Kind)
	}
	a.Mode, a.UID, a.GID = uint32(d.uvarint(0o7777)), uint32(d.uvarint(1<<32-1)), uint32(d.uvarint(1<<32-1))
	a.Atime, a.Mtime = d.time(), d.time()
	flags := d.byte()
	if flags > knownFlags {
		d.fail("flags %#x", flags)
	}
	a.Partial = flags&isPartial != 0
	for _, v := range [...]struct {
		bit byte
		to  *[]byte
	}{{hasCapability, &a.Capability}, {hasAccessACL, &a.AccessACL}, {hasDefaultACL, &a.DefaultACL}} {
		if flags&v.bit != 0 {
			*v.to = append([]byte{}, d.bytes(maxValue)...)
		}
	}
	a.Xattrs, a.NFS4ACL = d.xattrs(), d.xattrs()
	return a
}

func (d *decoder) xattrs() (list []Xattr) {
	n := d.uvarint(maxNames)
	for ; n > 0 && d.err == nil; n-- {
		name := string(d.bytes(maxName))
		if !validName(name) {
			d.fail("an extended attribute's name of %d bytes, %q", len(name), name)
		}
		list = append(list, Xattr{name, append([]byte{}, d.bytes(maxValue)...)})
	}
	return list
}

func validName(name string) bool {
	for i := range len(name) {
		if name[i] == 0 {
			return false
		}
	}
	return name != ""
}

func (d *decoder) time() fsys.Time {
	sec, n := binary.Varint(d.rest)
	if n <= 0 {
		d.fail("a number is cut off or too long")
		return fsys.Time{}
	}
	d.rest = d.rest[n:]
	return fsys.Time{Sec: sec, Nsec: uint32(d.uvarint(999_999_999))}
}

func (d *decoder) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(d.rest)
	switch {
	case n <= 0:
		d.fail("a number is cut off or too long")
		return 0
	case v > most:
		d.fail("%d where %d is the most", v, most)
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) bytes(most uint64) []byte {
	n := d.uvarint(most)
	if n > uint64(len(d.rest)) {
		d.fail("%d bytes where %d are left", n, len(d.rest))
		return nil
	}
	v := d.rest[:n]
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.fail("it is cut off")
		return 0
	}
	v := d.rest[0]
	d.rest = d.rest[1:]
	return v
}

// fail keeps the first error, and leaves nothing to read.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
	d.rest = nil
}
