package attrs

import (
	"strings"
	"testing"
)

const conf = `
# a comment
system.nfs4_acl			permissions
trusted.SGI_DMI_*	skip   # another
afs.*	skip
user.[ab]?	skip
user.exact skip
`

func TestFilter(t *testing.T) {
	names := strings.Fields(`user.note user.az user.cz user.exact user.exactly trusted.lov trusted.lma trusted.lmv trusted.som
		trusted.dmv trusted.link trusted.fid trusted.version trusted.hsm trusted.dummy trusted.lovely trusted.mine
		trusted.SGI_DMI_x/y lustre.lov security.capability security.ima afs.a/b afs`)
	for which, skipped := range map[string]string{
		"all":  "",
		"none": strings.Join(names, " "),
		"non-lustre": `trusted.lov trusted.lma trusted.lmv trusted.som trusted.dmv trusted.link trusted.fid trusted.version
			trusted.hsm trusted.dummy lustre.lov`,
		"libattr": "user.az user.exact trusted.SGI_DMI_x/y afs.a/b",
	} {
		f, err := ParseFilter(which, []byte(conf))
		if err != nil {
			t.Fatal(err)
		}
		if f.String() != which {
			t.Errorf("%s is written as %s", which, f)
		}
		var left []string
		for _, name := range names {
			if !f.Lets(name) {
				left = append(left, name)
			}
		}
		if got, want := strings.Join(left, " "), strings.Join(strings.Fields(skipped), " "); got != want {
			t.Errorf("%s leaves\n%s, want\n%s", which, got, want)
		}
	}
	if (Filter{}).Lets("user.a") {
		t.Error("the zero Filter lets something through")
	}
}

func TestFilterRefuses(t *testing.T) {
	if _, err := ParseFilter("some", nil); err == nil || !strings.Contains(err.Error(), "non-lustre") {
		t.Errorf("an unknown choice: %v", err)
	}
	for text, want := range map[string]string{"a b\nuser.x": "line 2", "[ skip": "line 1", "a b c": "line 1"} {
		if _, err := ParseFilter("libattr", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error about %s", text, err, want)
		}
		if _, err := ParseFilter("all", []byte(text)); err != nil {
			t.Errorf("all does not use the file: %v", err)
		}
	}
	if conf, err := ReadConf(); err != nil {
		t.Error(err)
	} else if _, err := ParseFilter("libattr", conf); err != nil {
		t.Errorf("this machine's own file: %v", err)
	}
}

// TestWants: what goes along is decided in one place.
func TestWants(t *testing.T) {
	f := filter(t, "all")
	for name, want := range map[string]Set{
		accessACL: ACL | Mode, defaultACL: ACL, "system.nfs4_acl": ACL, "system.nfs4acl_xdr": ACL,
		"system.cifs_acl": 0, "security.evm": 0, "security.ima": Xattrs, capability: Xattrs, "user.a": Xattrs, "btrfs.compression": Xattrs,
	} {
		if got := NewKeeper(Config{Preserve: All, Xattrs: f}).wants(name); got != want {
			t.Errorf("%s is of %v, want %v", name, got, want)
		}
		if got := NewKeeper(Config{Preserve: Timestamps | Ownership, Xattrs: f}).wants(name); got != 0 {
			t.Errorf("%s goes along as %v where neither is preserved", name, got)
		}
	}
}
