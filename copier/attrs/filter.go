package attrs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Filter says which extended attributes go along. The zero value lets none
// through. ACLs are no matter of a Filter, but of the Set.
type Filter struct {
	which string
	rules []rule
}

// rule is a line of xattr.conf.
type rule struct {
	pattern string
	action  string
}

// The words of -X.
const (
	filterNone      = "none"
	filterAll       = "all"
	filterNonLustre = "non-lustre"
	filterLibattr   = "libattr"
)

// ParseFilter reads -X's argument: none, all, non-lustre or libattr. conf is
// the contents of /etc/xattr.conf (see ReadConf), used by libattr only, so
// that one rank can read it for all.
func ParseFilter(which string, conf []byte) (Filter, error) {
	f := Filter{which: which}
	switch which {
	case filterNone, filterAll, filterNonLustre:
		return f, nil
	case filterLibattr:
		var err error
		f.rules, err = parseConf(string(conf))
		return f, err
	}
	return Filter{}, fmt.Errorf("%q is no choice of extended attributes: want %s, %s, %s or %s",
		which, filterNone, filterAll, filterNonLustre, filterLibattr)
}

// ReadConf reads /etc/xattr.conf; nil if there is none, which is no error.
func ReadConf() ([]byte, error) {
	conf, err := os.ReadFile("/etc/xattr.conf")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return conf, err
}

// parseConf reads lines of a pattern and an action; # begins a comment
// (attr_copy_action(3)).
func parseConf(conf string) (rules []rule, err error) {
	for i, line := range strings.Split(conf, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 {
			return nil, fmt.Errorf("/etc/xattr.conf: line %d: want a pattern and an action", i+1)
		}
		if _, err := path.Match(words[0], ""); err != nil {
			return nil, fmt.Errorf("/etc/xattr.conf: line %d: %w", i+1, err)
		}
		rules = append(rules, rule{pattern: words[0], action: words[1]})
	}
	return rules, nil
}

// lustre are the names under which Lustre keeps what is its own: the layout,
// the object's identity, the state of the archive.
var lustre = [...]string{"lov", "lma", "lmv", "som", "dmv", "link", "fid", "version", "hsm", "dummy"} //nolint:gochecknoglobals // a constant table

// Lets says whether an attribute goes along.
func (f Filter) Lets(name string) bool {
	switch f.which {
	case filterAll:
		return true
	case filterNonLustre:
		own, trusted := strings.CutPrefix(name, "trusted.")
		return !strings.HasPrefix(name, "lustre.") && !(trusted && slices.Contains(lustre[:], own))
	case filterLibattr:
		return f.action(name) == ""
	}
	return false
}

// action is what the first rule that matches says: skip, or permissions for
// what is an ACL by another name; both mean that it is not copied as it is.
func (f Filter) action(name string) string {
	flat := strings.ReplaceAll(name, "/", "\x01") // * matches everything
	for _, r := range f.rules {
		if ok, _ := path.Match(strings.ReplaceAll(r.pattern, "/", "\x01"), flat); ok {
			return r.action
		}
	}
	return ""
}

// String is the word of -X.
func (f Filter) String() string {
	if f.which == "" {
		return filterNone
	}
	return f.which
}
