package copier

import "gdcp/walker/fsys"

// verb is what a task is to do.
type verb byte

const (
	verbJob     verb = iota + 1 // start with every Root
	verbEntry                   // copy a Root that is not a directory
	verbDir                     // make the directory dir, list it, and finish it when it closes
	verbBatch                   // copy names of dir
	verbFile                    // copy the large file names[0] of dir, in segments
	verbSegment                 // copy n bytes from off on of the file names[0] of dir

	verbs
)

// work is a task's body. Directories are named by the number of their Root and
// the path below it, so that any rank can find them.
type work struct {
	verb  verb
	root  int
	dir   string // below the root, names joined with '/'; "" is the root itself
	fresh bool   // dir was made by this job
	names []name
	off   int64
	n     int64
}

// name is an entry of a directory, of the kind that the listing said it had.
type name struct {
	name string
	kind fsys.Kind
}

func (w *work) encode() []byte {
	var e writer
	e.b = make([]byte, 0, w.size())
	e.byte(byte(w.verb))
	e.uint(uint64(w.root))
	e.string(w.dir)
	e.bool(w.fresh)
	e.uint(uint64(len(w.names)))
	for _, n := range w.names {
		e.byte(byte(n.kind))
		e.string(n.name)
	}
	if w.verb == verbSegment {
		e.int(w.off)
		e.int(w.n)
	}
	return e.b
}

// size is about the size of the encoding.
func (w *work) size() int {
	n := 32 + len(w.dir)
	for i := range w.names {
		n += 3 + len(w.names[i].name)
	}
	return n
}

// decodeWork reads a body. roots is how many Roots the job has.
func decodeWork(b []byte, roots int) (w work, err error) {
	r := reader{b: b}
	w.verb = verb(r.byte())
	root := r.uint()
	w.dir = r.string()
	w.fresh = r.bool()
	count := r.uint()
	if count > uint64(len(r.b)) || root >= uint64(roots) || w.verb == 0 || w.verb >= verbs {
		return work{}, errWire
	}
	w.root = int(root)
	w.names = make([]name, count)
	for i := range w.names {
		w.names[i] = name{kind: fsys.Kind(r.byte()), name: r.string()}
	}
	if w.verb == verbSegment {
		w.off, w.n = r.int(), r.int()
	}
	one := w.verb == verbFile || w.verb == verbSegment
	if err := r.end(); err != nil || one && count != 1 || w.off < 0 || w.n < 0 {
		return work{}, errWire
	}
	return w, nil
}
