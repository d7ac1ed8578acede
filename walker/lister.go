package walker

import (
	"context"

	"gdcp/walker/fsys"
)

// Entry is a name in a directory.
type Entry struct {
	Name string
	Ino  uint64
	Kind fsys.Kind // Unknown only if the file system does not say and statx failed
}

// Visitor takes what a Lister finds. An error of either function ends the
// listing.
type Visitor struct {
	// Directory gets each directory, in the order of the listing.
	Directory func(Entry) error
	// Batch gets up to Max of the other entries. The slice is used again when
	// it returns; the names are the callee's to keep.
	Batch func([]Entry) error
	Max   int // default 64
}

// Lister lists directories. It is not safe for concurrent use.
type Lister struct {
	buf   []byte
	batch []Entry
}

// NewLister makes a Lister with a buffer of size bytes; 0 means 64 KiB.
func NewLister(size int) *Lister {
	if size == 0 {
		size = 64 << 10
	}
	return &Lister{buf: make([]byte, size)}
}

// List hands every entry of dir, from where its position is, to v. It ends
// with the first error: of dir, an *fsys.Error; of v, as it is; of ctx.
// What was handed out before an error is valid, the rest of the directory
// unknown: so nothing must be deleted on the ground of a failed listing.
func (l *Lister) List(ctx context.Context, dir fsys.Dir, v Visitor) error {
	if v.Max <= 0 {
		v.Max = 64
	}
	l.batch = l.batch[:0]
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var ents fsys.Entries
		var err error
		if ents, done, err = dir.ReadDir(l.buf); err != nil {
			return err
		}
		if err := l.piece(dir, ents, &v); err != nil {
			return err
		}
	}
	return l.flush(&v)
}

// piece hands out the entries of one piece of the listing.
func (l *Lister) piece(dir fsys.Dir, ents fsys.Entries, v *Visitor) error {
	for {
		d, ok := ents.Next()
		if !ok {
			return nil
		}
		if err := l.entry(Entry{Name: string(d.Name), Ino: d.Ino, Kind: kindOf(dir, d)}, v); err != nil {
			return err
		}
	}
}

func (l *Lister) entry(e Entry, v *Visitor) error {
	if e.Kind == fsys.Directory {
		return v.Directory(e)
	}
	l.batch = append(l.batch, e)
	if len(l.batch) < v.Max {
		return nil
	}
	return l.flush(v)
}

func (l *Lister) flush(v *Visitor) error {
	if len(l.batch) == 0 {
		return nil
	}
	err := v.Batch(l.batch)
	l.batch = l.batch[:0]
	return err
}

// kindOf asks for the kind where the listing does not say it.
func kindOf(dir fsys.Dir, d fsys.Dirent) fsys.Kind {
	if d.Kind != fsys.Unknown {
		return d.Kind
	}
	st, err := dir.StatAt(string(d.Name))
	if err != nil {
		return fsys.Unknown // whoever opens it will say what is wrong
	}
	return st.Kind
}
