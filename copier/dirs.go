package copier

import (
	"container/list"
	"fmt"
	"strings"
	"sync"

	"gdcp/copier/attrs"
	"gdcp/walker/fsys"
)

// dirPair is a directory of the source and its copy, both held open, so that
// what is done in them is done there whatever becomes of their paths.
type dirPair struct {
	key  dirKey
	src  fsys.Dir
	dst  fsys.Dir // nil in a dry run where there is none
	refs int      // guarded by the cache's mu
	idle *list.Element

	mu    sync.Mutex // guards birth
	birth attrs.Birth
}

// opOpenSource is what fails when a directory of the source is gone.
const opOpenSource = "open source directory"

type dirKey struct {
	root int
	rel  string
}

// dirCache keeps directories open that tasks use, and some that were used last.
// So tasks need not hold descriptors while they wait for others, of whom there
// can be any number, and yet a directory is seldom opened twice.
type dirCache struct {
	j    *Job
	most int // idle ones kept

	mu   sync.Mutex // guards all below
	tops []*dirPair // SrcDir and DstDir of each Root, as they are needed
	open map[dirKey]*dirPair
	idle list.List // of *dirPair without users, the longest unused first
}

// maxIdleDirs bounds the descriptors of directories nobody uses: 2 for each.
const maxIdleDirs = 128

func newDirCache(j *Job) *dirCache {
	return &dirCache{j: j, most: maxIdleDirs, open: make(map[dirKey]*dirPair), tops: make([]*dirPair, len(j.roots))}
}

// get returns the directory rel of a root. The caller puts it back.
func (d *dirCache) get(root int, rel string) (*dirPair, error) {
	key := dirKey{root, rel}
	d.mu.Lock()
	p := d.open[key]
	if p != nil {
		d.use(p)
	}
	d.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := d.find(key)
	if err != nil {
		return nil, err
	}
	return d.add(p), nil
}

// use counts one more user. The lock is held.
func (d *dirCache) use(p *dirPair) {
	if p.idle != nil {
		d.idle.Remove(p.idle)
		p.idle = nil
	}
	p.refs++
}

// add makes p known, with the caller as its user. If somebody else was faster,
// that one is used.
func (d *dirCache) add(p *dirPair) *dirPair {
	d.mu.Lock()
	defer d.mu.Unlock()
	if other := d.open[p.key]; other != nil {
		p.close()
		p = other
	} else {
		d.open[p.key] = p
	}
	d.use(p)
	return p
}

// put gives a directory back.
func (d *dirCache) put(p *dirPair) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p.refs--; p.refs > 0 {
		return
	}
	p.idle = d.idle.PushBack(p)
	for d.idle.Len() > d.most {
		old := d.idle.Remove(d.idle.Front()).(*dirPair)
		delete(d.open, old.key)
		old.close()
	}
}

// find opens a directory by its path from the root on. None of the names on
// the way may be a symbolic link, but for the source's if links are followed.
func (d *dirCache) find(key dirKey) (*dirPair, error) {
	top, err := d.top(key.root)
	if err != nil {
		return nil, err
	}
	r := &d.j.roots[key.root]
	p := &dirPair{key: key}
	if p.src, err = d.openSource(top.src, join(r.SrcName, key.rel)); err != nil {
		return nil, step(opOpenSource, err)
	}
	if top.dst == nil {
		return p, nil
	}
	p.dst, err = top.dst.OpenPath(join(r.DstName, key.rel))
	if err != nil && d.j.o.DryRun && gone(err) {
		return p, nil
	}
	if err != nil {
		p.close()
		return nil, step("open destination directory", err)
	}
	return p, nil
}

// openSource opens a path of the source.
func (d *dirCache) openSource(top fsys.Dir, rel string) (fsys.Dir, error) {
	if !d.j.o.Follow || rel == "" {
		return top.OpenPath(rel)
	}
	dir := top
	for name := range strings.SplitSeq(rel, "/") {
		next, err := dir.OpenDir(name, fsys.Follow)
		if dir != top {
			drop(dir)
		}
		if err != nil {
			return nil, err
		}
		dir = next
	}
	return dir, nil
}

// top opens what the user named, once. Links in those paths are followed: they
// are the user's own.
func (d *dirCache) top(root int) (*dirPair, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tops[root] != nil {
		return d.tops[root], nil
	}
	r := &d.j.roots[root]
	var p dirPair
	var err error
	if p.src, err = d.j.o.FS.Root(r.SrcDir, true); err != nil {
		return nil, step(opOpenSource, err)
	}
	p.dst, err = d.j.o.FS.Root(r.DstDir, true)
	if err != nil {
		p.close()
		return nil, step("open destination directory", err)
	}
	d.tops[root] = &p
	return &p, nil
}

func (p *dirPair) close() {
	for _, dir := range []fsys.Dir{p.src, p.dst} {
		if dir != nil {
			drop(dir) // a directory that was read or used by name: nothing to be told
		}
	}
}

// sync makes durable what was written to the destinations of this node.
func (d *dirCache) sync() (errs []error) {
	seen := make(map[uint64]bool) // file systems, by device
	for root := range d.j.roots {
		if err := d.syncRoot(root, seen); err != nil {
			path := fsys.Quote(d.j.roots[root].Dst())
			errs = append(errs, fmt.Errorf("make %s durable: %s", path, cause(err)))
		}
	}
	return errs
}

// syncRoot syncs the file system of a root's copy and that of the directory
// which it is in: the copy may be a mount point.
func (d *dirCache) syncRoot(root int, seen map[uint64]bool) error {
	top, err := d.top(root)
	if err != nil {
		return err
	}
	if err := syncOnce(top.dst, seen); err != nil {
		return err
	}
	r := &d.j.roots[root]
	if !r.Dir || r.DstName == "" {
		return nil
	}
	dir, err := top.dst.OpenDir(r.DstName, 0)
	if gone(err) {
		return nil // it could not be made; that was told
	}
	if err != nil {
		return err
	}
	defer drop(dir)
	return syncOnce(dir, seen)
}

func syncOnce(dir fsys.Dir, seen map[uint64]bool) error {
	st, err := dir.Stat()
	if err != nil || seen[st.Dev] {
		return err
	}
	seen[st.Dev] = true
	return dir.Sync()
}

// close closes everything. Nobody uses it any more, or the job was cancelled.
func (d *dirCache) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.open {
		if p.refs == 0 {
			p.close()
		}
	}
	for _, p := range d.tops {
		if p != nil {
			p.close()
		}
	}
	clear(d.open)
}
