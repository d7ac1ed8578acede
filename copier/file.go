package copier

import (
	"errors"
	"io"
	"syscall"
	"time"

	"gdcp/copier/attrs"
	"gdcp/walker/fsys"
)

// copyFile copies a regular file, or spawns a task for it if it is large.
func (c *call) copyFile(at *place) {
	src, st, err := c.openSource(at)
	if err != nil {
		c.srcProblem(at.rel, err)
		return
	}
	defer drop(src)
	if c.work.verb != verbFile && st.Size > int64(c.o.BufSize) {
		w := work{verb: verbFile, root: c.work.root, dir: c.work.dir, fresh: c.work.fresh, names: []name{{at.name, fsys.Regular}}}
		c.task.Spawn(w.encode())
		return
	}
	dst, made, err := c.create(at, &st)
	if err != nil {
		c.problem(Failed, at.rel, err)
		return
	}
	n, err := c.copyRange(src, dst, 0, st.Size)
	c.bytes.Add(n)
	c.tally.Bytes += n
	if err == nil && !made.fresh {
		err = step("truncate", dst.Truncate(st.Size))
	}
	if err != nil {
		c.abandon(at, dst, err)
		return
	}
	c.finishFile(at, src, dst, &st, made)
}

// openSource opens a source file and makes sure that it is one.
func (c *call) openSource(at *place) (fsys.File, fsys.Stat, error) {
	flags := fsys.ReadOnly
	if c.o.Follow {
		flags |= fsys.Follow
	}
	src, err := at.pair.src.Open(at.name, flags, 0)
	if err != nil {
		return nil, fsys.Stat{}, step("open", err)
	}
	st, err := src.Stat()
	if err == nil && st.Kind != fsys.Regular {
		err = errNotRegular
	}
	if err != nil {
		drop(src)
		return nil, st, step("stat", err)
	}
	return src, st, nil
}

// made is what is known of a destination file that was opened for writing.
type made struct {
	fresh bool
	known attrs.Known
}

// create opens the copy for writing, without anything in it. One that is there
// is emptied and written in place; it is replaced if that is not possible, or
// if it is not a regular file. It is looked at before it is opened: to open a
// tape or a watchdog for writing has consequences.
func (c *call) create(at *place, st *fsys.Stat) (fsys.File, made, error) {
	f, m, err := c.createNew(at, st)
	if fsys.Errno(err) != syscall.EEXIST {
		return f, m, step("create", err)
	}
	if old, err := at.pair.dst.StatAt(at.as); err == nil && old.Kind == fsys.Regular {
		if f, err = c.openOld(at); err == nil {
			return f, made{}, nil
		}
	}
	if err := makeWay(at.pair.dst, at.as); err != nil {
		return nil, m, step("replace", err)
	}
	f, m, err = c.createNew(at, st)
	return f, m, step("create", err)
}

// createNew makes a new file. It is readable by its owner only, unless it is
// known that its owner is the right one from the start.
func (c *call) createNew(at *place, st *fsys.Stat) (fsys.File, made, error) {
	birth := at.pair.born()
	perm := uint32(0o600)
	if birth.OwnedBy(st.UID, st.GID) && c.o.Attrs.Preserve.Has(attrs.Mode|attrs.Ownership) {
		perm |= st.Mode & 0o777
	}
	f, err := at.pair.dst.Open(at.as, fsys.WriteOnly|fsys.Create|fsys.Exclusive, perm)
	if err != nil {
		return nil, made{}, err
	}
	if !birth.Knows(perm) {
		if birth, err = at.pair.learn(f, perm); err != nil {
			drop(f)
			return nil, made{}, err
		}
	}
	return f, made{fresh: true, known: birth.Fresh(perm)}, nil
}

// born is what is known of new files in a directory.
func (p *dirPair) born() attrs.Birth {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.birth
}

func (p *dirPair) learn(f fsys.File, perm uint32) (attrs.Birth, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	p.birth, err = p.birth.Learn(f, perm)
	return p.birth, err
}

// openOld opens a regular file that is there, and empties it.
func (c *call) openOld(at *place) (fsys.File, error) {
	f, err := at.pair.dst.Open(at.as, fsys.WriteOnly, 0)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && st.Kind != fsys.Regular {
		err = errNotRegular
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err != nil {
		drop(f)
		return nil, err
	}
	return f, nil
}

// abandon closes a copy that has not become whole. It has no times of its
// source's, so a run with --update takes it up again.
func (c *call) abandon(at *place, dst fsys.File, err error) {
	drop(dst) // an error is being reported already
	switch {
	case c.ctx.Err() != nil:
	case errors.Is(err, errShrunk):
		c.problem(Changed, at.rel, err)
	default:
		c.problem(Failed, at.rel, err)
	}
}

// finishFile gives a copy with all its data its attributes, and closes it.
func (c *call) finishFile(at *place, src, dst fsys.File, st *fsys.Stat, m made) {
	now, err := src.Stat()
	if err != nil {
		c.abandon(at, dst, step("stat", err))
		return
	}
	unchanged := st.Unchanged(&now)
	a, errs := c.keeper.Read(src, st)
	errs = append(errs, c.keeper.Apply(dst, &a, m.known, unchanged)...)
	if err := dst.Close(); err != nil {
		c.unstamp(at)
		c.problem(Failed, at.rel, step("close", err))
		return
	}
	c.lost(at.rel, errs)
	if !unchanged {
		c.problem(Changed, at.rel, errChanged)
		return
	}
	if st.Nlink > 1 {
		c.tally.HardLinks++
	}
	c.done(fsys.Regular, at.rel)
}

// unstamp takes the source's times away again from a copy that has turned out
// not to be whole.
func (c *call) unstamp(at *place) {
	now := fsys.TimeOf(time.Now())
	_ = at.pair.dst.Entry(at.as).SetTimes(now, now) // if that fails too, the report is all that is left
}

// drop closes what was only read, or what has failed already: its close has
// nothing more to tell.
func drop(c io.Closer) { _ = c.Close() }

var (
	errChanged = errors.New("the source changed while it was copied")
	errShrunk  = errors.New("the source shrank while it was copied")
)
