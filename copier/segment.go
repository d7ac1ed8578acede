package copier

import (
	"gdcp/copier/attrs"
	"gdcp/walker/fsys"
)

// fileState is what closing a large file needs of its run.
type fileState struct {
	st    fsys.Stat // of the source, before any of it was read
	fresh bool
}

// segmentMin and segmentMax bound what chunkFor chooses, in bytes: opening two
// files must not count beside the copy; and the last segment of a job must not
// take long.
const (
	segmentMin = 16 << 20
	segmentMax = 1 << 30
)

// chunkFor is the length of the segments of a file: some for each rank, so
// that the slower ones can take fewer.
func chunkFor(size int64, ranks int, chosen int64) int64 {
	if chosen > 0 {
		return chosen
	}
	const perRank = 8
	n := size / int64(ranks*perRank)
	return min(max(n, segmentMin), segmentMax) &^ (1<<20 - 1)
}

// runFile makes the copy of a large file in its full length, and spawns its
// segments. A file of one segment is copied at once.
func (c *call) runFile() *fileState {
	at, put, err := c.filePlace()
	if err != nil {
		c.dirProblem(at.rel, err)
		return nil
	}
	defer put()
	src, st, err := c.openSource(at)
	if err != nil {
		c.srcProblem(at.rel, err)
		return nil
	}
	defer drop(src)
	chunk := chunkFor(st.Size, c.o.Ranks, c.o.Chunk)
	if st.Size <= chunk {
		c.copyFile(at)
		return nil
	}
	dst, made, err := c.create(at, &st)
	if err != nil {
		c.problem(Failed, at.rel, err)
		return nil
	}
	if err := dst.Truncate(st.Size); err != nil {
		c.abandon(at, dst, step("truncate", err))
		return nil
	}
	if err := dst.Close(); err != nil {
		c.problem(Failed, at.rel, step("close", err))
		return nil
	}
	w := work{verb: verbSegment, root: c.work.root, dir: c.work.dir, names: c.work.names, n: chunk}
	for ; w.off < st.Size; w.off += chunk {
		w.n = min(chunk, st.Size-w.off)
		c.task.Spawn(w.encode())
	}
	return &fileState{st: st, fresh: made.fresh}
}

// filePlace is the place of a task that is about one file: of a directory, or
// a Root of its own. It is to be put back; rel is right even with an error.
func (c *call) filePlace() (at *place, put func(), err error) {
	if r := &c.roots[c.work.root]; !r.Dir {
		top, err := c.dirs.top(c.work.root)
		return &place{pair: top, name: r.SrcName, as: r.DstName}, func() {}, err
	}
	n := c.work.names[0].name
	p, err := c.dirs.get(c.work.root, c.work.dir)
	return &place{pair: p, name: n, as: n, rel: join(c.work.dir, n), fresh: c.work.fresh}, func() { c.dirs.put(p) }, err
}

// runSegment copies one segment. It opens both files by name again, perhaps on
// another rank; that they are still the same is seen when the file closes.
func (c *call) runSegment() {
	at, put, err := c.filePlace()
	if err != nil {
		c.dirProblem(at.rel, err)
		return
	}
	defer put()
	src, dst, ok := c.openBoth(at)
	if !ok {
		return
	}
	defer drop(src)
	n, err := c.copyRange(src, dst, c.work.off, c.work.n)
	c.bytes.Add(n)
	c.tally.Bytes += n
	if err != nil {
		c.abandon(at, dst, err)
		return
	}
	if err := dst.Close(); err != nil {
		c.problem(Failed, at.rel, step("close", err))
	}
}

// openBoth opens a source and the copy that runFile has made, or reports why
// not.
func (c *call) openBoth(at *place) (src, dst fsys.File, ok bool) {
	src, _, err := c.openSource(at)
	if err != nil {
		c.srcProblem(at.rel, err)
		return nil, nil, false
	}
	dst, err = c.openCopy(at)
	if err != nil {
		drop(src)
		c.problem(Failed, at.rel, step("open destination", err))
		return nil, nil, false
	}
	return src, dst, true
}

// openCopy opens the copy that runFile has made.
func (c *call) openCopy(at *place) (fsys.File, error) {
	dst, err := at.pair.dst.Open(at.as, fsys.WriteOnly, 0)
	if err != nil {
		return nil, err
	}
	st, err := dst.Stat()
	if err == nil && st.Kind != fsys.Regular {
		err = errNotRegular
	}
	if err != nil {
		drop(dst)
		return nil, err
	}
	return dst, nil
}

// closeFile finishes a large file, when all its segments are there.
func (c *call) closeFile(s *fileState, segments *Tally) {
	at, put, err := c.filePlace()
	if err != nil {
		c.dirProblem(at.rel, err)
		return
	}
	defer put()
	if !segments.Whole() {
		segments.asOne()
		return // what is wrong was reported; without its times it is not taken for whole
	}
	src, dst, ok := c.openBoth(at)
	if !ok {
		return
	}
	defer drop(src)
	c.finishFile(at, src, dst, &s.st, made{fresh: s.fresh, known: attrs.Known{Fresh: s.fresh}})
}
