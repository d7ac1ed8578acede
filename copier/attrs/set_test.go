package attrs

import (
	"strings"
	"testing"
)

func TestParseSet(t *testing.T) {
	for list, want := range map[string]Set{
		"all": All, "mode": Mode, "ownership,timestamps": Ownership | Timestamps, "acl,xattr,links": ACL | Xattrs | Links,
		"mode,mode": Mode, "mode,all": All,
	} {
		got, err := ParseSet(list)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", list, got, err, want)
		}
		if back, err := ParseSet(got.String()); err != nil || back != got {
			t.Errorf("%s is written as %s, which is %v, %v", list, got, back, err)
		}
	}
	for _, list := range []string{"", ",", "mode,", "Mode", "context", "mode ownership", "none"} {
		if got, err := ParseSet(list); err == nil || !strings.Contains(err.Error(), "mode, ownership, timestamps") {
			t.Errorf("%q: %v, %v; want an error with the words there are", list, got, err)
		}
	}
	if got := Set(0).String(); got != "none" {
		t.Errorf("the empty set is %s", got)
	}
	if !All.Has(Mode|ACL) || Mode.Has(Mode|ACL) || !Mode.Has(0) {
		t.Error("Has wants all of them")
	}
}
