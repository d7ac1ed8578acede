package attrs

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gdcp/walker/fsys"
)

func sample() Attributes {
	return Attributes{
		Kind: fsys.Directory, Mode: 0o7777, UID: 1<<32 - 1, GID: 5,
		Atime: fsys.Time{Sec: -1 << 62, Nsec: 999_999_999}, Mtime: fsys.Time{Sec: 1 << 40, Nsec: 1},
		Xattrs:     []Xattr{{"user.a\n\xff", []byte("v\x00")}, {"user.empty", []byte{}}},
		Capability: []byte{}, AccessACL: []byte("acl"), DefaultACL: []byte("default"),
		NFS4ACL: []Xattr{{"system.nfs4_acl", []byte("n")}}, Partial: true,
	}
}

func TestCodec(t *testing.T) {
	value := rapid.SliceOfN(rapid.Byte(), 0, 20)
	optional := rapid.OneOf(rapid.Just([]byte(nil)), value)
	xattrs := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) Xattr {
		return Xattr{rapid.StringMatching(`[^\x00]{1,60}`).Draw(r, "name"), value.Draw(r, "value")}
	}), 0, 3)
	tm := rapid.Custom(func(r *rapid.T) fsys.Time {
		return fsys.Time{Sec: rapid.Int64().Draw(r, "sec"), Nsec: rapid.Uint32Range(0, 999_999_999).Draw(r, "nsec")}
	})
	rapid.Check(t, func(r *rapid.T) {
		a := Attributes{
			Kind: fsys.Kind(rapid.IntRange(0, int(fsys.Kinds)-1).Draw(r, "kind")),
			Mode: rapid.Uint32Range(0, 0o7777).Draw(r, "mode"), UID: rapid.Uint32().Draw(r, "uid"), GID: rapid.Uint32().Draw(r, "gid"),
			Atime: tm.Draw(r, "atime"), Mtime: tm.Draw(r, "mtime"),
			Xattrs: xattrs.Draw(r, "xattrs"), NFS4ACL: xattrs.Draw(r, "nfs4"),
			Capability: optional.Draw(r, "cap"), AccessACL: optional.Draw(r, "acl"), DefaultACL: optional.Draw(r, "default"),
			Partial: rapid.Bool().Draw(r, "partial"),
		}
		if len(a.Xattrs) == 0 {
			a.Xattrs = nil
		}
		if len(a.NFS4ACL) == 0 {
			a.NFS4ACL = nil
		}
		got, err := DecodeAttributes(a.AppendTo(nil))
		if err != nil || !reflect.DeepEqual(got, a) {
			r.Fatalf("got %+v, %v; want %+v", got, err, a)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	a := sample()
	good := a.AppendTo(nil)
	for n := range good {
		if _, err := DecodeAttributes(good[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are taken for the whole", n, len(good))
		}
	}
	for what, bad := range map[string][]byte{
		"bytes too many":  append(bytes.Clone(good), 0),
		"version":         append([]byte{codecVersion + 1}, good[1:]...),
		"kind":            append([]byte{codecVersion, byte(fsys.Kinds)}, good[2:]...),
		"the most":        (&Attributes{Mode: 0o10000}).AppendTo(nil),
		"name of 0 bytes": (&Attributes{Xattrs: []Xattr{{"", nil}}}).AppendTo(nil),
		`"user.\x00"`:     (&Attributes{Xattrs: []Xattr{{"user.\x00", nil}}}).AppendTo(nil),
		"255 is":          (&Attributes{Xattrs: []Xattr{{strings.Repeat("n", 256), nil}}}).AppendTo(nil),
		"65536 is":        (&Attributes{Xattrs: []Xattr{{"user.a", make([]byte, 1<<16+1)}}}).AppendTo(nil),
	} {
		if _, err := DecodeAttributes(bad); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzDecodeAttributes(f *testing.F) {
	a := sample()
	f.Add(a.AppendTo(nil))
	f.Add((&Attributes{}).AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := DecodeAttributes(b)
		if err != nil {
			return
		}
		again, err := DecodeAttributes(a.AppendTo(nil))
		if err != nil || !reflect.DeepEqual(a, again) {
			t.Errorf("%+v comes back as %+v, %v", a, again, err)
		}
	})
}
