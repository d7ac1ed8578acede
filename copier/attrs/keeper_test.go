package attrs

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"gdcp/walker/fsys"
)

func filter(t testing.TB, which string) Filter {
	t.Helper()
	f, err := ParseFilter(which, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func keeper(t testing.TB, preserve Set) *Keeper {
	t.Helper()
	return NewKeeper(Config{Preserve: preserve, Xattrs: filter(t, "non-lustre"), Umask: 0o022})
}

// program is a source with everything that a file can have.
func program() *fake {
	f := newFake(fsys.Regular, 0o6754)
	f.st.UID, f.st.GID = 10, 20
	f.st.Atime, f.st.Mtime = fsys.Time{Sec: 7}, fsys.Time{Sec: 8}
	f.xattrs["user.note"] = "hello"
	f.xattrs[capability] = "cap"
	f.xattrs[accessACL] = userACL(7, 5, 4, 5, 4)
	f.st.Mode = 0o6754
	return f
}

// run copies the attributes of src to dst, and returns what was done to dst
// and what went wrong.
func run(t testing.TB, k *Keeper, src, dst *fake, known Known, whole bool) string {
	t.Helper()
	a, errs := k.Read(src, &src.st)
	if len(errs) > 0 {
		t.Fatalf("read: %v", errs)
	}
	lines := dst.log
	errs = k.Apply(dst, &a, known, whole)
	lines = append(lines, dst.log[len(lines):]...)
	for _, err := range errs {
		lines = append(lines, "error: "+err.Error())
	}
	return strings.Join(lines, "\n")
}

func lines(want ...string) string { return strings.Join(want, "\n") }

// TestApply reads as what is done to a destination, in its order.
func TestApply(t *testing.T) {
	plain := func() *fake {
		f := newFake(fsys.Regular, 0o644)
		f.st.Mtime = fsys.Time{Sec: 8}
		return f
	}
	dir := func() *fake {
		f := newFake(fsys.Directory, 0o750)
		f.xattrs[defaultACL] = userACL(7, 7, 5, 7, 0)
		return f
	}
	born := Known{Fresh: true, Owner: true, NoACL: true, Perm: true, Mode: 0o644}
	for name, c := range map[string]struct {
		src      *fake
		preserve Set
		dst      *fake
		known    Known
		part     bool // the data are not whole
		want     string
	}{
		"a small file made right": {plain(), All, newFake(fsys.Regular, 0o644), born, false, lines("times 0 8")},
		"not whole":               {plain(), All, newFake(fsys.Regular, 0o644), born, true, ""},
		"made private": {
			plain(), All, newFake(fsys.Regular, 0o600), Known{Fresh: true, Owner: true, NoACL: true}, false,
			lines("chmod 644", "times 0 8"),
		},
		"a new file of which nothing is known": {
			plain(), All, newFake(fsys.Regular, 0o600), Known{Fresh: true}, false,
			lines("stat", "remove "+accessACL, "chmod 644", "times 0 8"),
		},
		"everything": {
			program(), All, newFake(fsys.Regular, 0o600), Known{Fresh: true, Owner: true, NoACL: true}, false,
			lines("chown 10:20", "set user.note", "set "+accessACL, "chmod 6754", "set "+capability, "times 7 8"),
		},
		"of another owner, with the right mode: chown takes suid off": {
			newFake(fsys.Regular, 0o4755), All, ownedBy(10, newFake(fsys.Regular, 0o4755)), Known{NoACL: true}, true,
			lines("stat", "chown 0:0", "list", "chmod 4755"),
		},
		"an ACL may take sgid off": {
			dir(), All, leaky(dir()), Known{Owner: true, Perm: true, Mode: 0o750}, true,
			lines("list", "remove "+accessACL, "chmod 750", "set "+defaultACL),
		},
		"a directory": {
			dir(), All, newFake(fsys.Directory, 0o700), Known{Fresh: true, Owner: true, NoACL: true}, false,
			lines("chmod 750", "set "+defaultACL, "times 0 0"),
		},
		"a directory that was there": {
			newFake(fsys.Directory, 0o700), All, dir(), Known{}, true,
			lines("stat", "list", "remove "+accessACL, "chmod 700", "remove "+defaultACL),
		},
		"a symbolic link": {
			newFake(fsys.Symlink, 0o777), All, newFake(fsys.Symlink, 0o777), Known{Fresh: true}, false, lines("stat"),
		},
		"nothing": {program(), 0, newFake(fsys.Regular, 0o640), Known{}, false, ""},
		"nothing, new: the umask counts": {
			program(), 0, newFake(fsys.Regular, 0o600), Known{Fresh: true, Owner: true, NoACL: true}, false, lines("chmod 754"),
		},
		"nothing, new, of mode 1777": {
			newFake(fsys.Directory, 0o1777), 0, newFake(fsys.Directory, 0o700), Known{Fresh: true}, false, lines("chmod 755"),
		},
		"modes alone: neither suid of another owner nor an ACL's mask as the group's": {
			program(), Mode, newFake(fsys.Regular, 0o600), Known{Fresh: true}, false, lines("stat", "remove "+accessACL, "chmod 744"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := run(t, keeper(t, c.preserve), c.src, c.dst, c.known, !c.part); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func ownedBy(uid uint32, f *fake) *fake {
	f.st.UID = uid
	return f
}

// leaky gives f an access ACL that lets somebody in.
func leaky(f *fake) *fake {
	f.xattrs[accessACL] = userACL(7, 7, 5, 5, 0)
	return f
}

// TestRefused reads as what is still done when something is refused.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		fail map[string]error
		kind fsys.Kind
		mode uint32 // in the end
		want string
	}{
		"the owner: the group alone, no suid, no sgid": {
			map[string]error{"chown 10:20": syscall.EPERM}, fsys.Regular, 0o754,
			lines("chown 10:20", "chown -1:20", "set user.note", "set "+accessACL, "chmod 754", "set "+capability,
				"times 7 8", "error: set owner: operation not permitted"),
		},
		"the owner of a directory: sgid hands down the right group": {
			map[string]error{"chown 10:20": syscall.EPERM}, fsys.Directory, 0o2754,
			lines("chown 10:20", "chown -1:20", "set user.note", "set "+accessACL, "chmod 2754", "remove "+defaultACL,
				"set "+capability, "times 7 8", "error: set owner: operation not permitted"),
		},
		"owner and group of a directory": {
			map[string]error{"chown": syscall.EPERM}, fsys.Directory, 0o754,
			lines("chown 10:20", "chown -1:20", "set user.note", "set "+accessACL, "chmod 754", "remove "+defaultACL,
				"set "+capability, "times 7 8", "error: set owner: operation not permitted"),
		},
		"ACLs: the group gets no more than it had": {
			map[string]error{"set " + accessACL: syscall.EOPNOTSUPP}, fsys.Regular, 0o6744,
			lines("chown 10:20", "set user.note", "set "+accessACL, "remove "+accessACL, "chmod 6744", "set "+capability, "times 7 8",
				"error: set access ACL: operation not supported"),
		},
		"all extended attributes": {
			map[string]error{"set": syscall.EOPNOTSUPP, "remove": syscall.EOPNOTSUPP}, fsys.Regular, 0o6744,
			lines("chown 10:20", "set user.note", "set "+accessACL, "remove "+accessACL, "chmod 6744", "set "+capability, "times 7 8",
				"error: set xattr user.note: operation not supported", "error: set access ACL: operation not supported",
				"error: set capability: operation not supported"),
		},
		"mode and times": {
			map[string]error{"chmod": syscall.EIO, "times": syscall.EROFS}, fsys.Regular, 0o754,
			lines("chown 10:20", "set user.note", "set "+accessACL, "chmod 6754", "set "+capability, "times 7 8",
				"error: set mode: input/output error", "error: set times: read-only file system"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			src, dst := program(), newFake(c.kind, 0o600)
			src.st.Kind = c.kind
			dst.fail = c.fail
			got := run(t, keeper(t, All), src, dst, Known{Fresh: true, Owner: true}, true)
			if got != c.want || dst.st.Mode != c.mode {
				t.Errorf("mode %o, want %o; got\n%s\nwant\n%s", dst.st.Mode, c.mode, got, c.want)
			}
		})
	}
}

// TestMinimalACL: an ACL that says what the mode says is not lost where there
// are no ACLs.
func TestMinimalACL(t *testing.T) {
	src, dst := newFake(fsys.Regular, 0o640), newFake(fsys.Regular, 0o600)
	src.xattrs[accessACL] = makeACL([]aclEnt{{aclUserObj, 6, aclNoID}, {aclGroupObj, 4, aclNoID}, {aclOther, 0, aclNoID}})
	dst.fail["set"] = syscall.EOPNOTSUPP
	got := run(t, keeper(t, All), src, dst, Known{Fresh: true}, true)
	if strings.Contains(got, "error") || dst.st.Mode != 0o640 {
		t.Errorf("mode %o:\n%s", dst.st.Mode, got)
	}
	dst.fail["set"] = syscall.EIO
	if got := run(t, keeper(t, All), src, dst, Known{Fresh: true}, true); !strings.Contains(got, "error: set access ACL") {
		t.Errorf("no error:\n%s", got)
	}
}

func TestErrors(t *testing.T) {
	dst := newFake(fsys.Regular, 0o600)
	dst.fail["set user.note"] = syscall.EOPNOTSUPP
	dst.fail["chown"] = syscall.EPERM
	k := keeper(t, All)
	src := program()
	a, _ := k.Read(src, &src.st)
	errs := k.Apply(dst, &a, Known{Fresh: true}, true)
	if len(errs) != 2 {
		t.Fatalf("errors %v, want two", errs)
	}
	if errs[0].Lost != Ownership || errors.Is(errs[0], errors.ErrUnsupported) || !errors.Is(errs[0], syscall.EPERM) {
		t.Errorf("of the owner: %+v", errs[0])
	}
	if errs[1].Lost != Xattrs || !errors.Is(errs[1], errors.ErrUnsupported) {
		t.Errorf("of the attribute: %+v", errs[1])
	}
}

// TestReadErrors wants what could not be read not to be removed elsewhere.
func TestReadErrors(t *testing.T) {
	for fail, want := range map[string]string{
		"list":          "list xattrs: input/output error",
		"get user.note": "get xattr user.note: input/output error",
	} {
		src, dst := program(), program()
		src.fail[fail] = syscall.EIO
		before := maps.Clone(dst.xattrs)
		k := keeper(t, All)
		a, errs := k.Read(src, &src.st)
		if len(errs) != 1 || errs[0].Error() != want || !a.Partial {
			t.Errorf("%s: errors %v, want %s; partial %v", fail, errs, want, a.Partial)
		}
		if errs := k.Apply(dst, &a, Known{}, true); len(errs) > 0 {
			t.Error(errs)
		}
		if !maps.Equal(dst.xattrs, before) {
			t.Errorf("%s: the destination has %q, had %q", fail, dst.xattrs, before)
		}
	}
	src := program()
	src.fail["get user.note"] = syscall.ENODATA // somebody has just removed it
	if a, errs := keeper(t, All).Read(src, &src.st); len(errs) > 0 || len(a.Xattrs) > 0 || a.Partial {
		t.Errorf("an attribute that vanished: %v, %v", a.Xattrs, errs)
	}
	src.fail["list"] = syscall.EOPNOTSUPP // no xattrs at all is no error
	if a, errs := keeper(t, All).Read(src, &src.st); len(errs) > 0 || a.Partial {
		t.Errorf("a file system without xattrs: %v, %v", a, errs)
	}
}

// TestLabels: a destination has security labels of its own.
func TestLabels(t *testing.T) {
	src, dst := newFake(fsys.Regular, 0o600), newFake(fsys.Regular, 0o600)
	src.xattrs["security.selinux"] = "source"
	dst.xattrs["security.selinux"] = "destination"
	dst.fail["set security.selinux"] = syscall.EPERM
	got := run(t, keeper(t, All), src, dst, Known{}, false)
	if strings.Contains(got, "error") || !strings.Contains(got, "set security.selinux") {
		t.Errorf("a label that is refused:\n%s", got)
	}
	delete(src.xattrs, "security.selinux")
	if got := run(t, keeper(t, All), src, dst, Known{}, false); strings.Contains(got, "remove security") {
		t.Errorf("a label that the source lacks:\n%s", got)
	}
}

// TestReadOnlyCopy: an attribute is set on a copy that was there, of mode 0444,
// by its owner, whom that mode forbids it.
func TestReadOnlyCopy(t *testing.T) {
	for preserve, want := range map[Set]uint32{All: 0o400, All &^ Mode: 0o444} {
		src, dst := newFake(fsys.Regular, 0o400), newFake(fsys.Regular, 0o444)
		src.xattrs["user.a"], dst.xattrs["user.b"] = "1", "2"
		got := run(t, keeper(t, preserve), src, dst, Known{}, true)
		if strings.Contains(got, "error") || dst.xattrs["user.a"] != "1" || len(dst.xattrs) != 1 || dst.st.Mode != want {
			t.Errorf("preserve %v: mode %o, want %o, %v:\n%s", preserve, dst.st.Mode, want, dst.xattrs, got)
		}
	}
}

// drawn is any file of a kind.
func drawn(r *rapid.T, kind fsys.Kind, label string) *fake {
	perm := rapid.Uint32Range(0, 7)
	f := newFake(kind, rapid.Uint32Range(0, 0o7777).Draw(r, label+" mode"))
	f.st.UID, f.st.GID = perm.Draw(r, label+" uid"), perm.Draw(r, label+" gid")
	f.st.Mtime.Sec = int64(perm.Draw(r, label+" mtime"))
	for _, name := range []string{"user.a", "user.b", "trusted.c", capability} {
		if rapid.Bool().Draw(r, label+" "+name) {
			f.xattrs[name] = rapid.StringN(0, 3, 3).Draw(r, label+" value")
		}
	}
	acls := []string{accessACL}
	if kind == fsys.Directory {
		acls = append(acls, defaultACL)
	}
	for _, name := range acls {
		if rapid.Bool().Draw(r, label+" "+name) {
			f.xattrs[name] = userACL(perm.Draw(r, "u"), perm.Draw(r, "n"), perm.Draw(r, "g"), perm.Draw(r, "m"), perm.Draw(r, "o"))
		}
	}
	if acl, ok := f.xattrs[accessACL]; ok {
		f.st.Mode = f.st.Mode&^0o777 | modeOfACL(parseACL(acl))
	}
	return f
}

// TestEqual: whatever was there before, the destination becomes like the
// source, and a second time nothing but ACLs and modes is touched.
func TestEqual(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		kind := rapid.SampledFrom([]fsys.Kind{fsys.Regular, fsys.Directory, fsys.Fifo}).Draw(r, "kind")
		src, dst := drawn(r, kind, "source"), drawn(r, kind, "destination")
		k := keeper(t, All)
		got := run(t, k, src, dst, Known{}, true)
		if strings.Contains(got, "error") {
			r.Fatalf("errors:\n%s", got)
		}
		src.st.Ino, dst.st.Ino = 0, 0
		if dst.st != src.st || !maps.Equal(dst.xattrs, src.xattrs) {
			r.Fatalf("got  %+v %q\nwant %+v %q\nby\n%s", dst.st, dst.xattrs, src.st, src.xattrs, got)
		}
		dst.log = nil
		for line := range strings.SplitSeq(run(t, k, src, dst, Known{}, true), "\n") {
			for _, change := range []string{"chown", "times", "set user", "set trusted", "remove user", "remove trusted"} {
				if strings.HasPrefix(line, change) {
					r.Fatalf("it was equal, and yet: %s", line)
				}
			}
		}
	})
}

// TestNeverMore: whatever fails, nobody gets rights that the source does not
// give. It takes every set of operations that fail.
func TestNeverMore(t *testing.T) {
	failing := []string{"chown", "chown 10:20", "set " + accessACL, "remove " + accessACL, "chmod", "stat", "set user.note", "times"}
	for mask := range 1 << len(failing) {
		src, dst := program(), newFake(fsys.Regular, 0o600)
		for i, op := range failing {
			if mask&(1<<i) != 0 {
				dst.fail[op] = syscall.EPERM
			}
		}
		run(t, keeper(t, All), src, dst, Known{Fresh: true}, true)
		if why := more(src, dst); why != "" {
			t.Errorf("with %v failing: %s: mode %o, owner %d:%d, %d xattrs", dst.fail, why, dst.st.Mode, dst.st.UID, dst.st.GID, len(dst.xattrs))
		}
	}
}

// more says which right dst gives that src does not.
func more(src, dst *fake) string {
	armed := dst.st.Mode & (setUID | setGID)
	rights := func(f *fake) map[string]uint32 {
		r := map[string]uint32{"group": f.st.Mode >> 3 & 7, "other": f.st.Mode & 7}
		if acl, ok := f.xattrs[accessACL]; ok {
			mask := r["group"]
			for _, e := range parseACL(acl) {
				if e.tag == aclGroupObj {
					r["group"] = e.perm & mask
				} else if e.tag == aclUser {
					r[fmt.Sprint("user ", e.id)] = e.perm & mask
				}
			}
		}
		return r
	}
	switch s, d := rights(src), rights(dst); {
	case armed&setUID != 0 && dst.st.UID != src.st.UID:
		return "suid of another owner"
	case armed&setGID != 0 && dst.st.GID != src.st.GID:
		return "sgid of another group"
	default:
		for who, perm := range d {
			if perm&^s[who] != 0 {
				return who
			}
		}
	}
	return ""
}
