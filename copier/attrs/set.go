package attrs

import (
	"fmt"
	"strings"
)

// Set is a set of the attributes that a copy can preserve.
type Set uint16

// The members. Links means that names of one file stay names of one file: it
// is kept here as it is one of the words of --preserve, but is not an
// attribute, and this package does nothing with it.
const (
	Mode Set = 1 << iota
	Ownership
	Timestamps
	Links
	Xattrs
	ACL

	// All is every attribute, and the default.
	All = Mode | Ownership | Timestamps | Links | Xattrs | ACL
)

var words = [...]string{"mode", "ownership", "timestamps", "links", "xattr", "acl"} //nolint:gochecknoglobals // a constant table

// ParseSet reads a list as --preserve and --no-preserve take it: the words
// mode, ownership, timestamps, links, xattr, acl, or all, with commas.
func ParseSet(list string) (Set, error) {
	var s Set
	for word := range strings.SplitSeq(list, ",") {
		bit, ok := member(word)
		if !ok {
			return 0, fmt.Errorf("%q is no attribute that can be preserved: want some of %s, or all, separated by commas",
				word, strings.Join(words[:], ", "))
		}
		s |= bit
	}
	return s, nil
}

func member(word string) (Set, bool) {
	if word == "all" {
		return All, true
	}
	for i, w := range words {
		if w == word {
			return 1 << i, true
		}
	}
	return 0, false
}

// Has says whether all members of o are in s.
func (s Set) Has(o Set) bool { return s&o == o }

// String is the list that ParseSet reads; "none" for the empty set.
func (s Set) String() string {
	switch s & All {
	case All:
		return "all"
	case 0:
		return "none"
	}
	var list []string
	for i, w := range words {
		if s&(1<<i) != 0 {
			list = append(list, w)
		}
	}
	return strings.Join(list, ",")
}
