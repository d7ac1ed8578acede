package copier

import (
	"errors"
	"fmt"
	"syscall"

	"gdcp/copier/attrs"
	"gdcp/walker/fsys"
)

// runBatch copies the entries of a batch, one after the other.
func (c *call) runBatch() {
	p, err := c.dirs.get(c.work.root, c.work.dir)
	if err != nil {
		for _, n := range c.work.names {
			c.dirProblem(join(c.work.dir, n.name), err)
		}
		return
	}
	defer c.dirs.put(p)
	for _, n := range c.work.names {
		if c.ctx.Err() != nil || c.task.Dropped() {
			return
		}
		c.copyEntry(&place{
			pair: p, name: n.name, as: n.name, fresh: c.work.fresh,
			rel: join(c.work.dir, n.name),
		}, n.kind)
	}
}

// runEntry copies a root that is not a directory.
func (c *call) runEntry() {
	top, err := c.dirs.top(c.work.root)
	if err != nil {
		c.dirProblem("", err)
		return
	}
	r := &c.roots[c.work.root]
	c.copyEntry(&place{pair: top, name: r.SrcName, as: r.DstName}, fsys.Unknown)
}

// place is an entry to copy: where it is, and where its copy goes.
type place struct {
	pair  *dirPair
	name  string // in pair.src
	as    string // in pair.dst
	rel   string // below the root, for messages
	fresh bool   // pair.dst was made by this job
}

// copyEntry copies an entry that is not a directory. kind is what the listing
// said; regular files are looked at when they are open, the others before.
func (c *call) copyEntry(at *place, kind fsys.Kind) {
	if kind == fsys.Regular && !c.o.DryRun {
		c.copyFile(at)
		return
	}
	st, err := c.lookAt(at)
	if err != nil {
		c.linkProblem(at, err)
		return
	}
	switch {
	case st.Kind == fsys.Directory:
		c.followedDir(at, &st)
	case c.o.DryRun:
		c.done(st.Kind, at.rel)
	case st.Kind == fsys.Regular:
		c.copyFile(at)
	default:
		c.copyNode(at, &st)
	}
}

func (c *call) lookAt(at *place) (fsys.Stat, error) {
	if c.o.Follow {
		return at.pair.src.StatFollow(at.name)
	}
	return at.pair.src.StatAt(at.name)
}

// followedDir spawns the directory that an entry is after all: a link to one,
// if links are followed, or one that has taken the place of something else.
func (c *call) followedDir(at *place, st *fsys.Stat) {
	if err := c.circle(st); err != nil {
		c.problem(Failed, at.rel, step("follow link", err))
		return
	}
	w := work{verb: verbDir, root: c.work.root, dir: at.rel}
	c.task.Spawn(w.encode())
}

// copyNode makes a symbolic link, fifo, socket or device.
func (c *call) copyNode(at *place, st *fsys.Stat) {
	src := at.pair.src.Entry(at.name)
	a, errs := c.keeper.Read(src, st)
	target := ""
	if st.Kind == fsys.Symlink {
		var err error
		if target, err = at.pair.src.Readlink(at.name); err != nil {
			c.srcProblem(at.rel, step("read link", err))
			return
		}
	}
	fresh, err := c.makeNode(at, st, target)
	if err != nil {
		c.problem(Failed, at.rel, step("make "+st.Kind.String(), err))
		return
	}
	errs = append(errs, c.keeper.Apply(at.pair.dst.Entry(at.as), &a, attrs.Known{Fresh: fresh}, true)...)
	c.lost(at.rel, errs)
	c.done(st.Kind, at.rel)
}

// makeNode makes a node, in the place of what may be there. A symbolic link
// that says the same already stays.
func (c *call) makeNode(at *place, st *fsys.Stat, target string) (fresh bool, err error) {
	dst := at.pair.dst
	for range 2 {
		if st.Kind == fsys.Symlink {
			err = dst.Symlink(target, at.as)
		} else {
			err = dst.Mknod(at.as, st.Kind, 0o600, st.Rdev)
		}
		if fsys.Errno(err) != syscall.EEXIST {
			return err == nil, err
		}
		if old, err := dst.Readlink(at.as); err == nil && st.Kind == fsys.Symlink && old == target {
			return false, nil
		}
		if err := makeWay(dst, at.as); err != nil {
			return false, err
		}
	}
	return false, err
}

// makeWay removes what stands where a copy goes. A directory stays, with all
// that may be in it.
func makeWay(dst fsys.Dir, name string) error {
	st, err := dst.StatAt(name)
	switch {
	case gone(err):
		return nil
	case err != nil:
		return err
	case st.Kind == fsys.Directory:
		return errInTheWay(st.Kind)
	}
	if err := dst.Unlink(name); err != nil && !gone(err) {
		return err
	}
	return nil
}

func errInTheWay(k fsys.Kind) error { return fmt.Errorf("a %s is in the way", k) }

// errNotRegular says that what was to be read as a file has become something
// else.
var errNotRegular = errors.New("it is not a regular file any more")
