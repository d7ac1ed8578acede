package main

import (
	"strings"

	"gdcp/cmd/internal/problems"
	"gdcp/copier"
)

// hints are what can be done about attributes that copies lack, where that is
// meant: said once, however many files it is about.
func hints(groups []problems.Group) (list []string) {
	for _, h := range []struct{ op, text string }{
		{"set owner", "only root can give files away; with --no-preserve=ownership that is no loss"},
		{"set xattr", "with -X none extended attributes are left out, and that is no loss"},
		{"set capability", "only root can set capabilities; with -X none they are left out with all extended attributes"},
		{"set access ACL", "with --no-preserve=acl ACLs are left out, and that is no loss"},
		{"set default ACL", "with --no-preserve=acl ACLs are left out, and that is no loss"},
	} {
		if len(list) > 0 && list[len(list)-1] == h.text {
			continue
		}
		for _, g := range groups {
			if g.Class == copier.Lossy && strings.HasPrefix(g.Op, h.op) {
				list = append(list, h.text)
				break
			}
		}
	}
	return list
}
