package copier

import (
	"errors"
	"strings"

	"gdcp/walker/fsys"
)

// Trees have no circles, but the ways through them can: by symbolic links that
// are followed (-L), or where a file system is mounted a second time.
var (
	errCircle  = errors.New("it leads back to a directory that it is in: its copy would have no end")
	errOwnCopy = errors.New("it is the destination of this copy, which would have no end")
)

// linkProblem reports that what a followed link points to cannot be looked at.
// The link itself being there, this is no source that vanished.
func (c *call) linkProblem(at *place, err error) {
	if c.o.Follow && gone(err) {
		if _, entryErr := at.pair.src.StatAt(at.name); entryErr == nil {
			c.problem(Failed, at.rel, step("follow link", err))
			return
		}
	}
	c.srcProblem(at.rel, step("stat", err))
}

// circle tells whether the directory at the end of a link is one of those in
// which the link is.
func (c *call) circle(st *fsys.Stat) error {
	for rel := range upward(c.work.dir) {
		p, err := c.dirs.get(c.work.root, rel)
		if err != nil {
			return err
		}
		dir, err := p.src.Stat()
		c.dirs.put(p)
		if err != nil {
			return err
		}
		if dir.SameFile(st) {
			return errCircle
		}
	}
	return nil
}

// upward goes through a directory's relative path and those of all the ones
// above it, up to the root's, "".
func upward(rel string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for yield(rel) && rel != "" {
			rel = rel[:max(0, strings.LastIndexByte(rel, '/'))]
		}
	}
}

// isOwnCopy tells whether a directory of the source is the very one that gets
// the copy.
func (c *call) isOwnCopy(st *fsys.Stat) bool {
	p, err := c.dirs.get(c.work.root, "")
	if err != nil {
		return false
	}
	defer c.dirs.put(p)
	if p.dst == nil {
		return false
	}
	dst, err := p.dst.Stat()
	return err == nil && dst.SameFile(st)
}
