package attrs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gdcp/scripts/need"
	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

func tools(t *testing.T) {
	t.Helper()
	need.Root(t)
	need.Program(t, "acl", "setfacl")
	need.Program(t, "attr", "setfattr")
}

// TestLikeCp copies everything there is next to cp -a, into a directory whose
// default ACL nothing may take over.
func TestLikeCp(t *testing.T) {
	tools(t)
	for where, at := range places(t) {
		t.Run(where, func(t *testing.T) {
			shell(t, at, `mkdir src cp ours; setfacl -d -m u:4321:rwx,g:5:rwx cp ours; cd src;`+oddities)
			want := dump(t, at+"/src")
			k := keeper(t, All)
			c := treeCopy{T: t, k: k}
			try(t, os.Mkdir(at+"/ours/src", 0o700))
			c.dir(root(t, fsys.OS{}, at+"/src"), root(t, fsys.OS{}, at+"/ours/src"), Known{Fresh: true})
			for _, err := range c.errs {
				t.Error(err)
			}
			if got := dump(t, at+"/ours/src"); got != want {
				t.Errorf("the copy differs:\n%s", diff(t, want, got))
			}
			shell(t, at, `cp -a src cp/`)
			if got := dump(t, at+"/cp/src"); got != want {
				t.Errorf("cp -a differs, so the test asks too much:\n%s", diff(t, want, got))
			}
		})
	}
}

// diff says what differs between two dumps.
func diff(t *testing.T, want, got string) string {
	t.Helper()
	dir := t.TempDir()
	try(t, os.WriteFile(dir+"/want", []byte(want), 0o600))
	try(t, os.WriteFile(dir+"/got", []byte(got), 0o600))
	return shell(t, dir, "diff want got || true")
}

// TestRepair makes a tree that was there, with other attributes on everything,
// equal to its source.
func TestRepair(t *testing.T) {
	tools(t)
	for where, at := range places(t) {
		t.Run(where, func(t *testing.T) {
			shell(t, at, `mkdir src; cd src;`+oddities)
			shell(t, at, `cp -a src dst; cd dst
				find . -mindepth 1 ! -type l -exec chown 99:98 {} + -exec setfacl -m u:55:rwx {} + -exec chmod 7777 {} +
				find . -type d -exec setfacl -d -m g:66:rwx {} +
				find . -mindepth 1 -exec setfattr -h -n trusted.other -v o {} +
				find . -type f -exec setfattr -n user.note -v other {} +
				touch -h dir/* dir/sub dir`)
			want := dump(t, at+"/src")
			c := repair{treeCopy{T: t, k: keeper(t, All)}}
			c.dir(root(t, fsys.OS{}, at+"/src"), root(t, fsys.OS{}, at+"/dst"))
			for _, err := range c.errs {
				t.Error(err)
			}
			if got := dump(t, at+"/dst"); got != want {
				t.Errorf("it is not repaired:\n%s", diff(t, want, got))
			}
		})
	}
}

// repair gives the entries of one tree the attributes of another's.
type repair struct{ treeCopy }

func (c *repair) dir(src, dst fsys.Dir) {
	for _, name := range names(c, src) {
		st, err := src.StatAt(name)
		try(c, err)
		if st.Kind == fsys.Directory {
			from, err := src.OpenDir(name, fsys.NoAtime)
			try(c, err)
			to, err := dst.OpenDir(name, 0)
			try(c, err)
			c.dir(from, to)
			c.apply(from, to, &st, Known{})
			from.Close()
			to.Close()
			continue
		}
		c.apply(src.Entry(name), dst.Entry(name), &st, Known{})
	}
}

// TestDefaultACLLeak: a file made under a default ACL has an entry that only
// the mask of a private mode hides, and that a later chmod would bring to life.
func TestDefaultACLLeak(t *testing.T) {
	tools(t)
	for where, at := range places(t) {
		t.Run(where, func(t *testing.T) {
			shell(t, at, `mkdir dst; setfacl -d -m u:1234:rwx dst; echo secret >src; chmod 644 src; setfacl -b src`)
			from, err := root(t, fsys.OS{}, at).Open("src", fsys.ReadOnly, 0)
			try(t, err)
			defer from.Close()
			to, err := root(t, fsys.OS{}, at+"/dst").Open("f", fsys.WriteOnly|fsys.Create, 0o600)
			try(t, err)
			defer to.Close()
			if acl := shell(t, at, "getfacl -c dst/f"); !strings.Contains(acl, "user:1234:rwx") {
				t.Fatalf("there is nothing to leak:\n%s", acl)
			}
			b, err := Birth{}.Learn(to, 0o600)
			try(t, err)
			if b.OwnedBy(0, 0) || b.Fresh(0o600).NoACL {
				t.Errorf("the ACL of the new file was overlooked: %+v", b)
			}
			st, err := from.Stat()
			try(t, err)
			c := treeCopy{T: t, k: keeper(t, All)}
			c.apply(from, to, &st, b.Fresh(0o600))
			if acl := shell(t, at, "getfacl -c dst/f"); strings.Contains(acl, "1234") || len(c.errs) > 0 {
				t.Errorf("it has leaked: %v\n%s", c.errs, acl)
			}
		})
	}
}

// TestBirth learns from files what a directory does to new ones.
func TestBirth(t *testing.T) {
	need.Root(t)
	at := t.TempDir()
	try(t, os.Chown(at, 0, 77))
	try(t, os.Chmod(at, 0o755|os.ModeSetgid))
	dir := root(t, fsys.OS{}, at)
	defer syscall.Umask(syscall.Umask(0o027))
	var b Birth
	if b.Knows(0) || b.OwnedBy(0, 0) || b.Fresh(0o600) != (Known{Fresh: true, Mode: 0o600}) {
		t.Errorf("nothing is known, but %+v", b)
	}
	learn := func(name string, perm uint32) {
		f, err := dir.Open(name, fsys.WriteOnly|fsys.Create|fsys.Exclusive, perm)
		try(t, err)
		defer f.Close()
		b, err = b.Learn(f, perm)
		try(t, err)
	}
	learn("a", 0o600)
	if !b.Knows(0o600) || b.Knows(0o640) || !b.OwnedBy(0, 77) || b.OwnedBy(0, 0) {
		t.Errorf("after 0600: %+v", b)
	}
	want := Known{Fresh: true, Owner: true, GID: 77, Perm: true, Mode: 0o600, NoACL: true}
	if got := b.Fresh(0o600); got != want {
		t.Errorf("a file of mode 0600: %+v, want %+v", got, want)
	}
	if b.Fresh(0o640).Perm {
		t.Error("whether 0640 is cut off was never seen")
	}
	learn("b", 0o666)
	if !b.Knows(0o646) || !b.Fresh(0o640).Perm || b.Fresh(0o660).Perm || b.Fresh(0o604).Perm {
		t.Errorf("after 0666 with a umask of 027: %+v", b)
	}
}

// TestNotSupported takes a file system without xattrs, and a source that has.
func TestNotSupported(t *testing.T) {
	at := t.TempDir()
	shell(t, at, "echo x >src; chmod 640 src; touch -d 2001-01-01 src")
	none := fault.All(
		fault.On("set xattr", "", fault.Effect{Err: syscall.EOPNOTSUPP}),
		fault.On("get xattr", "", fault.Effect{Err: syscall.EOPNOTSUPP}),
		fault.On("list xattrs", "", fault.Effect{Err: syscall.EOPNOTSUPP}),
		fault.On("remove xattr", "", fault.Effect{Err: syscall.EOPNOTSUPP}),
	)
	src, err := root(t, fsys.OS{}, at).Open("src", fsys.ReadOnly, 0)
	try(t, err)
	defer src.Close()
	dst, err := root(t, fault.New(fsys.OS{}, none), at).Open("dst", fsys.WriteOnly|fsys.Create, 0o600)
	try(t, err)
	defer dst.Close()
	st, err := src.Stat()
	try(t, err)
	for _, known := range []Known{{}, {Fresh: true}} {
		k := keeper(t, All)
		a, errs := k.Read(src, &st)
		if len(errs) > 0 {
			t.Error(errs)
		}
		if errs := k.Apply(dst, &a, known, true); len(errs) > 0 {
			t.Errorf("without xattrs on either side: %v", errs)
		}
		a.Xattrs = []Xattr{{"user.a", []byte("x")}}
		errs = k.Apply(dst, &a, known, true)
		if len(errs) != 1 || !errors.Is(errs[0], errors.ErrUnsupported) || errs[0].Lost != Xattrs {
			t.Errorf("an xattr that has no place: %v", errs)
		}
		if now, err := dst.Stat(); err != nil || now.Mode != 0o640 || now.Mtime != st.Mtime {
			t.Errorf("the steps after it: %o, %v, %v", now.Mode, now.Mtime, err)
		}
	}
}

// TestSweep fails every single operation, and wants to be told of each.
func TestSweep(t *testing.T) {
	tools(t)
	at := t.TempDir()
	shell(t, at, `echo x >src; chown 1:2 src; setfattr -n user.a -v a src; setfacl -m u:5:rwx src; chmod 4750 src; setcap cap_chown=p src`)
	for i := 0; ; i++ {
		fs := fault.New(fsys.OS{}, nil)
		dir := root(t, fs, at)
		dst, err := dir.Open("dst", fsys.WriteOnly|fsys.Create, 0o600)
		try(t, err)
		src, err := root(t, fsys.OS{}, at).Open("src", fsys.ReadOnly, 0)
		try(t, err)
		st, err := src.Stat()
		try(t, err)
		k := keeper(t, All)
		a, _ := k.Read(src, &st)
		first := fs.Ops()
		broken := fault.New(fsys.OS{}, fault.Nth(first+i, syscall.EIO))
		dst2, err := root(t, broken, at).Open("dst", fsys.WriteOnly, 0)
		try(t, err)
		errs := k.Apply(dst2, &a, Known{Fresh: true}, true)
		ops := broken.Ops()
		src.Close()
		dst.Close()
		dst2.Close()
		if first+i >= ops {
			if len(errs) > 0 || i < 6 {
				t.Errorf("with nothing failing, after %d runs: %v", i, errs)
			}
			return
		}
		// a failed look at what there is costs nothing: all is set then
		if len(errs) == 0 && i > 0 {
			t.Errorf("operation %d failed, and nobody was told", i)
		}
		if now, err := os.Stat(at + "/dst"); err != nil || now.Mode()&os.ModeSetuid != 0 && owner(now) != 1 {
			t.Errorf("operation %d failed: %v, owner %d", i, now.Mode(), owner(now))
		}
		try(t, os.Remove(at+"/dst"))
	}
}

func owner(info os.FileInfo) uint32 { return info.Sys().(*syscall.Stat_t).Uid }

// TestChownRefused copies a program of root's as nobody.
func TestChownRefused(t *testing.T) {
	const nobody = 65534
	if os.Geteuid() != 0 {
		refused(t)
		return
	}
	at, err := os.MkdirTemp("", "gdcp-nobody-")
	try(t, err)
	defer os.RemoveAll(at)
	try(t, os.Chmod(at, 0o755))
	try(t, os.WriteFile(at+"/src", []byte("x"), 0o644))
	try(t, os.Chmod(at+"/src", 0o755|os.ModeSetuid|os.ModeSetgid))
	try(t, os.Mkdir(at+"/dst", 0o755))
	try(t, os.Chown(at+"/dst", nobody, nobody))
	self, err := os.ReadFile("/proc/self/exe") // where it lies, nobody may not get
	try(t, err)
	try(t, os.WriteFile(at+"/test", self, 0o755))
	cmd := exec.Command(at+"/test", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = at
	cmd.Env = append(os.Environ(), refusedDir+"="+at)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

// refusedDir is the variable that tells the test as nobody where to copy.
const refusedDir = "GDCP_TEST_REFUSED_DIR"

func refused(t *testing.T) {
	at := os.Getenv(refusedDir)
	if at == "" {
		need.Lacking(t, "root", "a file of root's to copy is made by the test as root")
	}
	src, err := root(t, fsys.OS{}, at).Open("src", fsys.ReadOnly|fsys.NoAtime, 0)
	try(t, err)
	defer src.Close()
	dst, err := root(t, fsys.OS{}, filepath.Join(at, "dst")).Open("f", fsys.WriteOnly|fsys.Create, 0o600)
	try(t, err)
	defer dst.Close()
	st, err := src.Stat()
	try(t, err)
	if st.Mode != 0o6755 {
		t.Fatalf("the source has the mode %o", st.Mode)
	}
	c := treeCopy{T: t, k: keeper(t, All)}
	c.apply(src, dst, &st, Known{Fresh: true})
	if len(c.errs) != 1 || c.errs[0].Error() != "set owner: operation not permitted" || c.errs[0].Lost != Ownership {
		t.Errorf("errors: %v", c.errs)
	}
	if now, err := dst.Stat(); err != nil || now.Mode != 0o755 || now.Mtime != st.Mtime {
		t.Errorf("mode %o, want 755; mtime %v, want %v; %v", now.Mode, now.Mtime, st.Mtime, err)
	}
}
