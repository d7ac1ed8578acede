package attrs

import (
	"os"
	"os/exec"
	"testing"

	"gdcp/walker/fsys"
)

// places are a directory on disk and, if there is one, one in memory.
func places(t *testing.T) map[string]string {
	t.Helper()
	dirs := map[string]string{"disk": t.TempDir()}
	if at, err := os.MkdirTemp("/dev/shm", "gdcp-attrs-"); err == nil {
		t.Cleanup(func() { os.RemoveAll(at) })
		dirs["memory"] = at
	}
	return dirs
}

func try(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func root(t testing.TB, fs fsys.FS, path string) fsys.Dir {
	t.Helper()
	d, err := fs.Root(path, true)
	try(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

// shell runs commands in a directory, and returns what they print.
func shell(t testing.TB, dir, script string) string {
	t.Helper()
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", script, err, out)
	}
	return string(out)
}

// treeCopy copies a tree as simply as can be: what is under test are the
// attributes.
type treeCopy struct {
	*testing.T
	k    *Keeper
	errs []*Error
}

func (c *treeCopy) dir(src, dst fsys.Dir, known Known) {
	st, err := src.Stat()
	try(c, err)
	a, errs := c.k.Read(src, &st)
	c.errs = append(c.errs, errs...)
	var birth Birth
	for _, name := range names(c, src) {
		birth = c.entry(src, dst, name, birth)
	}
	c.errs = append(c.errs, c.k.Apply(dst, &a, known, true)...)
}

func names(t testing.TB, d fsys.Dir) (list []string) {
	t.Helper()
	buf := make([]byte, 32<<10)
	for {
		ents, done, err := d.ReadDir(buf)
		try(t, err)
		for e, ok := ents.Next(); ok; e, ok = ents.Next() {
			list = append(list, string(e.Name))
		}
		if done {
			return list
		}
	}
}

func (c *treeCopy) entry(src, dst fsys.Dir, name string, birth Birth) Birth {
	st, err := src.StatAt(name)
	try(c, err)
	switch st.Kind {
	case fsys.Directory:
		try(c, dst.Mkdir(name, 0o700))
		from, err := src.OpenDir(name, fsys.NoAtime)
		try(c, err)
		defer from.Close()
		to, err := dst.OpenDir(name, 0)
		try(c, err)
		defer to.Close()
		c.dir(from, to, Known{Fresh: true})
		return birth
	case fsys.Regular:
		return c.file(src, dst, name, &st, birth)
	case fsys.Symlink:
		target, err := src.Readlink(name)
		try(c, err)
		try(c, dst.Symlink(target, name))
	default:
		try(c, dst.Mknod(name, st.Kind, 0o600, st.Rdev))
	}
	c.apply(src.Entry(name), dst.Entry(name), &st, Known{Fresh: true})
	return birth
}

func (c *treeCopy) file(src, dst fsys.Dir, name string, st *fsys.Stat, birth Birth) Birth {
	from, err := src.Open(name, fsys.ReadOnly|fsys.NoAtime, 0)
	try(c, err)
	defer from.Close()
	perm := uint32(0o600)
	if birth.OwnedBy(st.UID, st.GID) {
		perm |= st.Mode & 0o777
	}
	to, err := dst.Open(name, fsys.WriteOnly|fsys.Create|fsys.Exclusive, perm)
	try(c, err)
	defer to.Close()
	if !birth.Knows(perm) {
		birth, err = birth.Learn(to, perm)
		try(c, err)
	}
	data := make([]byte, st.Size)
	n, err := from.Pread(data, 0)
	try(c, err)
	try(c, fsys.WriteFull(to, data[:n], 0))
	c.apply(from, to, st, birth.Fresh(perm))
	return birth
}

func (c *treeCopy) apply(src, dst fsys.Attributed, st *fsys.Stat, known Known) {
	a, errs := c.k.Read(src, st)
	// as it would cross from one rank to another
	a, err := DecodeAttributes(a.AppendTo(nil))
	try(c, err)
	c.errs = append(append(c.errs, errs...), c.k.Apply(dst, &a, known, true)...)
}

// dump is a tree as the system's own tools see it: what find prints of each
// entry, all extended attributes, all ACLs. Times of access are those of files
// and the like: looking at a directory or a link changes its own.
func dump(t *testing.T, dir string) string {
	t.Helper()
	return shell(t, dir, `
		find . -mindepth 1 -printf '%P\t%y %m %U:%G %T@ %l\n' | sort
		find . -mindepth 1 ! -type d ! -type l -printf '%P\t%A@\n' | sort
		find . -mindepth 1 -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex --absolute-names --
		find . -mindepth 1 ! -type l -print0 | sort -z | xargs -0 getfacl -n -p -E --`)
}

// oddities makes a tree with whatever attributes there are.
const oddities = `
	umask 022
	mkdir dir dir/sub "dir/new
line" sticky
	echo suid >dir/suid; chown 1:2 dir/suid; chmod 6755 dir/suid
	echo cap >dir/cap; setcap cap_net_raw+ep dir/cap; chown 0:0 dir/sub
	echo own >dir/cap2; chown 7:8 dir/cap2; setcap cap_net_admin=p dir/cap2; chmod 0500 dir/cap2
	echo x >dir/none; chmod 000 dir/none
	for i in 1 2 3; do echo $i >dir/sub/plain$i; echo $i >dir/sub/exec$i; chmod 755 dir/sub/exec$i; done
	echo acl >dir/acl; setfacl -m u:1234:rwx,g:99:r--,m::r-x dir/acl
	setfacl -d -m u:1234:rwx dir/sub
	echo under >dir/sub/under; setfacl -b dir/sub/under; chmod 644 dir/sub/under
	setfacl -m u:77:--- dir/sub
	chmod 1777 sticky; chmod 2750 "dir/new
line"
	setfattr -n user.note -v 'a value' dir/none
	setfattr -n user.empty dir
	setfattr -n trusted.mine -v 0x00ff10 dir/sub
	printf '\377' >"dir/$(printf 'b\377d')"; setfattr -n "user.$(printf 'n\n')" -v x "dir/$(printf 'b\377d')"
	ln -s nowhere dir/link; chown -h 12:34 dir/link; setfattr -h -n trusted.of -v l dir/link
	ln -s . "dir/link$(printf '\n')2"
	mkfifo dir/fifo; chmod 4642 dir/fifo; setfacl -m u:5:rw dir/fifo
	mknod dir/null c 1 3; chown 3:4 dir/null; mknod dir/blk b 259 70000
	touch -h -d '1960-01-02 03:04:05.678901234 UTC' dir/link dir/suid
	touch -d '2105-06-07 08:09:10.123456789 UTC' dir/acl
	touch -a -d '1999-01-01 00:00:00.000000001 UTC' dir/acl dir/cap
	touch -d '2001-02-03 04:05:06.000000007 UTC' dir/sub dir
`
