package copier

import (
	"fmt"
	"strings"
	"syscall"

	"gdcp/walker/fsys"
)

// Root is one SRC and where its copy goes. The source is the entry SrcName of
// the directory SrcDir, or SrcDir itself if SrcName is empty; the same for the
// destination. Paths are as the user wrote them, or put together from that.
type Root struct {
	SrcDir, SrcName string
	DstDir, DstName string
	// Dir tells that the source is a directory.
	Dir bool
	// Ino and Btime are the source's, by which ranks tell that they see the
	// same one.
	Ino   uint64
	Btime fsys.Time
}

// Src and Dst are the paths of the source and of its copy.
func (r *Root) Src() string { return join(r.SrcDir, r.SrcName) }

// Dst is the path of the copy.
func (r *Root) Dst() string { return join(r.DstDir, r.DstName) }

// join puts a path and a relative one together; either may be empty.
func join(dir, rel string) string {
	switch {
	case rel == "":
		return dir
	case dir == "" || dir == ".":
		return rel
	case strings.HasSuffix(dir, "/"):
		return dir + rel
	}
	return dir + "/" + rel
}

// split takes a path apart into its directory and its last name. Paths that
// end in a slash, "." or ".." are directories without a name of their own.
func split(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	name = path[i+1:]
	if name == "" || name == "." || name == ".." {
		return path, ""
	}
	switch {
	case i < 0:
		return ".", name
	case i == 0:
		return "/", name
	}
	return path[:i], name
}

// Refusal is a reason not to start.
type Refusal struct {
	What string // what is wrong
	Hint string // what to do about it; may be empty
}

// Error is one line, or two with the hint.
func (e *Refusal) Error() string {
	if e.Hint == "" {
		return e.What
	}
	return e.What + "\nhint: " + e.Hint
}

func refuse(hint, format string, args ...any) error {
	return &Refusal{What: fmt.Sprintf(format, args...), Hint: hint}
}

// plan works out what goes where, after the rules that cp and rsync share:
//
//   - DEST is not there yet: it is the copy's name. Its parent must be there.
//   - DEST is a directory: SRC goes into it under its own name, or, if SRC ends
//     in a slash, what is in SRC goes into it.
//   - -T: DEST is the copy's name, whatever is there.
//   - several SRC: DEST must be a directory.
func plan(o *Options) ([]Root, error) {
	if len(o.Sources) == 0 {
		return nil, refuse("", "no source was given")
	}
	into, dstDir, dstName, err := planDest(o)
	if err != nil {
		return nil, err
	}
	var roots []Root
	for _, src := range o.Sources {
		r, err := planSource(o, src)
		if err != nil {
			return nil, err
		}
		r.DstDir, r.DstName = dstDir, dstName
		if into {
			r.DstName = r.SrcName
		}
		if err := checkPlace(o, &r); err != nil {
			return nil, err
		}
		roots = append(roots, r)
	}
	return roots, checkNames(roots)
}

// planDest tells whether sources go into DEST, or become it; in which
// directory the copy's name is made, and that name if it is DEST's own.
func planDest(o *Options) (into bool, dir, name string, err error) {
	quoted := fsys.Quote(o.Dest)
	if o.NoTargetDir && len(o.Sources) > 1 {
		return false, "", "", refuse("", "-T takes one source, not %d", len(o.Sources))
	}
	st, err := o.FS.Stat(o.Dest, true)
	switch {
	case err == nil && st.Kind == fsys.Directory:
		return !o.NoTargetDir, o.Dest, "", nil
	case err != nil && !gone(err):
		return false, "", "", refuse("", "destination %s: %v", quoted, cause(err))
	case len(o.Sources) > 1 && err == nil:
		return false, "", "", refuse("", "several sources, but the destination %s is a %s", quoted, st.Kind)
	case len(o.Sources) > 1:
		return false, "", "", refuse("make it first: mkdir "+quoted, "several sources, but there is no directory %s", quoted)
	}
	dir, name = split(strings.TrimRight(o.Dest, "/"))
	if name == "" {
		return false, "", "", refuse("", "destination %s: %v", quoted, syscall.ENOENT)
	}
	if parent, err := o.FS.Stat(dir, true); err != nil {
		return false, "", "", refuse("make it first: mkdir -p "+fsys.Quote(dir), "destination %s: its parent %s: %v", quoted, fsys.Quote(dir), cause(err))
	} else if parent.Kind != fsys.Directory {
		return false, "", "", refuse("", "destination %s: its parent %s is a %s", quoted, fsys.Quote(dir), parent.Kind)
	}
	return false, dir, name, nil
}

// planSource looks at one SRC.
func planSource(o *Options, src string) (Root, error) {
	trimmed := strings.TrimRight(src, "/")
	contents := trimmed != src
	if trimmed == "" && src != "" {
		trimmed = "/"
	}
	r := Root{SrcDir: trimmed}
	if !contents {
		r.SrcDir, r.SrcName = split(trimmed)
	}
	st, err := o.FS.Stat(src, o.Follow || r.SrcName == "")
	if err != nil {
		return r, refuse("", "source %s: %v", fsys.Quote(src), cause(err))
	}
	r.Dir, r.Ino, r.Btime = st.Kind == fsys.Directory, st.Ino, st.Btime
	if r.SrcName == "" && !r.Dir {
		return r, refuse("", "source %s is a %s: a slash at the end is for directories", fsys.Quote(src), st.Kind)
	}
	return r, nil
}

// checkPlace refuses what could not end well: a copy onto itself, into itself,
// or over something of another nature.
func checkPlace(o *Options, r *Root) error {
	src, dst := fsys.Quote(r.Src()), fsys.Quote(r.Dst())
	srcStat, err := o.FS.Stat(r.Src(), o.Follow || r.SrcName == "")
	if err != nil {
		return refuse("", "source %s: %v", src, cause(err))
	}
	dstStat, err := o.FS.Stat(r.Dst(), r.DstName == "")
	switch {
	case err != nil && !gone(err):
		return refuse("", "destination %s: %v", dst, cause(err))
	case err != nil && strings.HasSuffix(o.Dest, "/") && !r.Dir && r.DstDir != o.Dest:
		return refuse("", "destination %s: there is no such directory", fsys.Quote(o.Dest))
	case err == nil && srcStat.SameFile(&dstStat):
		return refuse("", "source %s and destination %s are the same", src, dst)
	case err == nil && r.Dir && dstStat.Kind != fsys.Directory:
		return refuse("", "source %s is a directory, but the destination %s is a %s", src, dst, dstStat.Kind)
	case err == nil && !r.Dir && dstStat.Kind == fsys.Directory:
		return refuse("leave -T out to copy into the directory", "source %s is a %s, but the destination %s is a directory", src, srcStat.Kind, dst)
	}
	if r.Dir {
		return checkInside(o, &srcStat, r)
	}
	return nil
}

// checkInside goes up from the destination and looks for the source. It ends
// at a directory that it may not search: were the source above that one, the
// copy would not get down to the destination either.
func checkInside(o *Options, src *fsys.Stat, r *Root) error {
	path := r.DstDir
	st, err := o.FS.Stat(path, true)
	for err == nil {
		if st.SameFile(src) {
			return refuse("", "destination %s is inside the source %s", fsys.Quote(r.Dst()), fsys.Quote(r.Src()))
		}
		path = join(path, "..")
		up, upErr := o.FS.Stat(path, true)
		if upErr == nil && up.SameFile(&st) || fsys.Errno(upErr) == syscall.EACCES {
			return nil // the root directory, or no further
		}
		st, err = up, upErr
	}
	return refuse("", "destination %s: %v", fsys.Quote(path), cause(err))
}

// checkNames refuses two sources whose copies would have one name.
func checkNames(roots []Root) error {
	seen := make(map[string]string)
	for i := range roots {
		r := &roots[i]
		if other, ok := seen[r.DstName]; ok {
			return refuse("copy them one after the other", "sources %s and %s would both become %s",
				fsys.Quote(other), fsys.Quote(r.Src()), fsys.Quote(r.Dst()))
		}
		seen[r.DstName] = r.Src()
	}
	return nil
}

// cause is the reason in an error, without the path that is said anyway.
func cause(err error) string {
	_, c := explain(err)
	return c
}
