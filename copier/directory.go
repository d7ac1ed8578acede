package copier

import (
	"errors"
	"strings"
	"syscall"

	"gdcp/copier/attrs"
	"gdcp/walker"
	"gdcp/walker/fsys"
)

// dirState is what closing a directory needs of its run.
type dirState struct {
	attrs attrs.Attributes // of the source, before it was listed
	fresh bool             // made by this job
	whole bool             // it was listed to the end
}

// batchNames and batchBytes bound a batch: enough that a task costs little
// beside its files, few enough that there are batches for all.
const (
	batchNames = 64
	batchBytes = 32 << 10
)

// runDir makes the directory, and spawns what is in it.
func (c *call) runDir() *dirState {
	rel := c.work.dir
	p, fresh, err := c.enter(rel)
	if err != nil {
		c.dirProblem(rel, err)
		return nil
	}
	defer c.dirs.put(p)
	st, err := p.src.Stat()
	if err != nil {
		c.srcProblem(rel, step("stat", err))
		return nil
	}
	if c.isOwnCopy(&st) {
		c.problem(Failed, rel, step("enter", errOwnCopy))
		return nil
	}
	a, errs := c.keeper.Read(p.src, &st)
	c.lost(rel, errs)
	s := &dirState{attrs: a, fresh: fresh, whole: true}
	if err := c.list(p, fresh); err != nil {
		s.whole = false
		if c.ctx.Err() == nil {
			c.srcProblem(rel, step("list", err))
		}
	}
	return s
}

// dirProblem reports that a directory could not be entered, on either side.
func (c *call) dirProblem(rel string, err error) {
	var s *stepError
	if errors.As(err, &s) && s.op == opOpenSource {
		c.srcProblem(rel, err)
	} else {
		c.problem(Failed, rel, err)
	}
}

// enter opens a directory and its copy, which it makes if need be. fresh tells
// that it did.
func (c *call) enter(rel string) (p *dirPair, fresh bool, err error) {
	parent, name, err := c.above(rel)
	if err != nil {
		return nil, false, err
	}
	if parent == nil { // the destination is DEST itself, which is there
		p, err = c.dirs.get(c.work.root, rel)
		return p, false, err
	}
	defer c.leave(rel, parent)
	if !c.o.DryRun {
		if fresh, err = c.makeDir(parent.dst, name); err != nil {
			return nil, false, err
		}
	}
	p, err = c.dirs.get(c.work.root, rel)
	return p, fresh, err
}

// above returns the directory in which the copy of rel is, and its name there.
func (c *call) above(rel string) (parent *dirPair, name string, err error) {
	if rel == "" {
		r := &c.roots[c.work.root]
		if r.DstName == "" {
			return nil, "", nil
		}
		parent, err = c.dirs.top(c.work.root)
		return parent, r.DstName, err
	}
	dir, name := cut(rel)
	parent, err = c.dirs.get(c.work.root, dir)
	return parent, name, err
}

// leave puts back what above returned; a root's parent is kept open.
func (c *call) leave(rel string, parent *dirPair) {
	if rel != "" {
		c.dirs.put(parent)
	}
}

// cut takes a relative path apart into the directory and the last name.
func cut(rel string) (dir, name string) {
	if i := strings.LastIndexByte(rel, '/'); i >= 0 {
		return rel[:i], rel[i+1:]
	}
	return "", rel
}

// makeDir makes a directory for its owner only, or sees to it that one that is
// there can be filled.
func (c *call) makeDir(parent fsys.Dir, name string) (fresh bool, err error) {
	err = parent.Mkdir(name, 0o700)
	if err == nil {
		return true, nil
	}
	if fsys.Errno(err) != syscall.EEXIST {
		return false, step("make directory", err)
	}
	st, err := parent.StatAt(name)
	switch {
	case err != nil:
		return false, step("look at destination", err)
	case st.Kind != fsys.Directory:
		return false, step("make directory", errInTheWay(st.Kind))
	case st.Mode&0o700 == 0o700:
		return false, nil
	}
	dir, err := parent.OpenDir(name, 0)
	if err != nil {
		return false, step("open destination directory", err)
	}
	defer drop(dir)
	return false, step("make destination writable", dir.Chmod(st.Mode|0o700))
}

// list spawns a task for each directory, and for each batch of the rest.
func (c *call) list(p *dirPair, fresh bool) error {
	src, err := p.src.OpenPath("") // a position of its own
	if err != nil {
		return err
	}
	defer drop(src)
	batch := work{verb: verbBatch, root: c.work.root, dir: c.work.dir, fresh: fresh}
	flush := func() {
		if len(batch.names) > 0 {
			c.task.Spawn(batch.encode())
			batch.names = batch.names[:0]
		}
	}
	err = c.lister.List(c.ctx, src, walker.Visitor{
		Directory: func(e walker.Entry) error {
			c.found.Add(1)
			w := work{verb: verbDir, root: c.work.root, dir: join(c.work.dir, e.Name)}
			c.task.Spawn(w.encode())
			return nil
		},
		Max: batchNames,
		Batch: func(entries []walker.Entry) error {
			c.found.Add(int64(len(entries)))
			for _, e := range entries {
				batch.names = append(batch.names, name{e.Name, e.Kind})
				if batch.size() > batchBytes {
					flush()
				}
			}
			flush()
			return nil
		},
	})
	return err
}

// closeDir gives a directory its attributes, when all is in it that will be:
// an entry that failed is no reason to lie about the directory itself.
func (c *call) closeDir(s *dirState) {
	rel := c.work.dir
	if c.o.DryRun {
		c.done(fsys.Directory, rel)
		return
	}
	p, err := c.dirs.get(c.work.root, rel)
	if err != nil {
		c.dirProblem(rel, err)
		return
	}
	defer c.dirs.put(p)
	c.lost(rel, c.keeper.Apply(p.dst, &s.attrs, attrs.Known{Fresh: s.fresh}, s.whole))
	c.done(fsys.Directory, rel)
}
