package copytest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Make makes a tree in dir, which must not exist: a few hundred entries with
// what file systems allow and copies get wrong. What this user or this file
// system cannot have (owners, attributes) is left out. There are no hard
// links, special files and holes in it.
func Make(t testing.TB, dir string) {
	t.Helper()
	if err := Build(dir); err != nil {
		t.Fatal(err)
	}
}

// Build is Make for those that are no tests.
func Build(dir string) error {
	b := &builder{rand: rand.NewChaCha8([32]byte{7}), isRoot: os.Geteuid() == 0}
	b.mkdir(dir)
	for _, part := range []func(string){b.names, b.deep, b.many, b.sizes, b.links, b.modes, b.owners, b.xattrs, b.acls, b.times} {
		part(dir)
	}
	b.age(dir)
	return b.err
}

// builder makes things until something fails.
type builder struct {
	rand   *rand.ChaCha8
	isRoot bool
	err    error
}

func (b *builder) try(err error) {
	if b.err == nil {
		b.err = err
	}
}

// may forgives what this user or file system cannot do.
func (b *builder) may(err error) bool {
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) {
		return false
	}
	b.try(err)
	return err == nil
}

func (b *builder) mkdir(parts ...string) string {
	path := filepath.Join(parts...)
	b.try(os.Mkdir(path, 0o755))
	return path
}

func (b *builder) file(size int, parts ...string) string {
	path := filepath.Join(parts...)
	data := make([]byte, size)
	_, err := b.rand.Read(data)
	b.try(err)
	b.try(os.WriteFile(path, data, 0o644))
	return path
}

// age gives a path a time with nanoseconds that is its own.
func (b *builder) age(path string) {
	at := []unix.Timespec{
		{Sec: 1e9 + int64(b.rand.Uint64()%1e8), Nsec: int64(b.rand.Uint64() % 1e9)},
		{Sec: 1e9 + int64(b.rand.Uint64()%1e8), Nsec: int64(b.rand.Uint64() % 1e9)},
	}
	b.try(unix.UtimesNanoAt(unix.AT_FDCWD, path, at, unix.AT_SYMLINK_NOFOLLOW))
}

func (b *builder) names(top string) {
	dir := b.mkdir(top, "names")
	for _, name := range []string{
		" leading", "trailing ", "-rf", "--", "*", "quo'te", `quo"te`, `back\slash`, "$HOME", "new\nline", "tab\t",
		"escape\x1b[31m", "not-utf8-\xff\xfe", "Grüße 你好", "...", ".hidden", strings.Repeat("n", 255),
	} {
		b.age(b.file(len(name), dir, name))
		if len(name) < 250 {
			b.age(b.mkdir(dir, name+".dir"))
		}
	}
	b.age(dir)
}

func (b *builder) deep(top string) {
	dir := b.mkdir(top, "deep")
	path := dir
	for i := range 60 {
		path = b.mkdir(path, fmt.Sprintf("level-%d", i))
		b.file(i, path, "file")
	}
	b.age(dir)
}

func (b *builder) many(top string) {
	dir := b.mkdir(top, "many")
	for i := range 300 {
		b.age(b.file(int(b.rand.Uint64()%5000), dir, fmt.Sprintf("file-%d", i)))
	}
	for i := range 20 {
		b.age(b.mkdir(dir, fmt.Sprintf("empty-%d", i)))
	}
	b.age(dir)
}

func (b *builder) sizes(top string) {
	dir := b.mkdir(top, "sizes")
	for _, size := range []int{0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 1<<20 - 1, 1 << 20, 1<<20 + 1, 9<<20 + 12345} {
		b.age(b.file(size, dir, fmt.Sprint(size)))
	}
	b.age(dir)
}

func (b *builder) links(top string) {
	dir := b.mkdir(top, "links")
	for name, target := range map[string]string{
		"file": "../sizes/1", "dir": "../many", "nowhere": "no/such", "loop": "loop", "up": "..", "bytes\xff": "new\nline\xfe",
		"root": "/", "long": strings.Repeat("x/", 2000),
	} {
		path := filepath.Join(dir, name)
		b.try(os.Symlink(target, path))
		b.age(path)
	}
	b.age(dir)
}

func (b *builder) modes(top string) {
	dir := b.mkdir(top, "modes")
	for _, mode := range []uint32{0o400, 0o444, 0o600, 0o640, 0o755, 0o777, 0o1644, 0o2755, 0o4755, 0o6755, 0o7777} {
		b.try(unix.Chmod(b.file(5, dir, fmt.Sprintf("file-%04o", mode)), mode))
	}
	for _, mode := range []uint32{0o500, 0o555, 0o700, 0o755, 0o777, 0o1777, 0o2775, 0o7777} {
		sub := b.mkdir(dir, fmt.Sprintf("dir-%04o", mode))
		b.file(5, sub, "file")
		b.try(unix.Chmod(sub, mode))
	}
	if b.isRoot { // nobody else could read them to copy them
		b.try(unix.Chmod(b.file(5, dir, "file-0000"), 0))
		sub := b.mkdir(dir, "dir-0000")
		b.file(5, sub, "file")
		b.try(unix.Chmod(sub, 0))
	}
	b.age(dir)
}

func (b *builder) owners(top string) {
	if !b.isRoot {
		return
	}
	dir := b.mkdir(top, "owners")
	suid := b.file(5, dir, "suid")
	b.try(os.Symlink("suid", filepath.Join(dir, "link")))
	sub := b.mkdir(dir, "dir")
	inside := b.file(5, sub, "file")
	for i, path := range []string{suid, filepath.Join(dir, "link"), sub, inside} {
		b.try(os.Lchown(path, 12345+i, 54321+i))
	}
	b.try(unix.Chmod(suid, 0o6755))
	b.age(dir)
}

func (b *builder) xattrs(top string) {
	dir := b.mkdir(top, "xattrs")
	file, sub := b.file(5, dir, "file"), b.mkdir(dir, "dir")
	if !b.may(unix.Lsetxattr(file, "user.text", []byte("text"), 0)) {
		return
	}
	for _, path := range []string{file, sub} {
		b.may(unix.Lsetxattr(path, "user.binary", []byte{0, 255, 10, 0}, 0))
		b.may(unix.Lsetxattr(path, "user.empty", nil, 0))
		b.may(unix.Lsetxattr(path, "user."+strings.Repeat("n", 200), []byte(strings.Repeat("v", 1000)), 0))
		b.may(unix.Lsetxattr(path, "trusted.root", []byte("only"), 0))
	}
	readOnly := b.file(5, dir, "read-only")
	b.may(unix.Lsetxattr(readOnly, "user.text", []byte("text"), 0))
	b.try(unix.Chmod(readOnly, 0o444))
	capable := b.file(5, dir, "capable")
	b.try(unix.Chmod(capable, 0o755))
	// cap_net_raw=ep
	b.may(unix.Lsetxattr(capable, "security.capability", []byte{1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0))
	b.age(dir)
}

// acls makes ACLs as the kernel stores them. A default ACL leaks into what is
// made below it: a copy has to take away what its source has not.
func (b *builder) acls(top string) {
	dir := b.mkdir(top, "acls")
	file := b.file(5, dir, "file")
	if !b.may(unix.Lsetxattr(file, "system.posix_acl_access", acl(7, 5), 0)) {
		return
	}
	sub := b.mkdir(dir, "dir")
	b.may(unix.Lsetxattr(sub, "system.posix_acl_access", acl(7, 7), 0))
	heir := b.mkdir(dir, "default")
	none, before := b.file(5, heir, "none"), b.mkdir(heir, "before")
	b.may(unix.Lsetxattr(heir, "system.posix_acl_default", acl(7, 0), 0))
	b.file(5, heir, "inherits")
	b.file(5, b.mkdir(heir, "inherits.dir"), "file")
	for _, path := range []string{none, before, heir, dir} {
		b.age(path)
	}
}

// acl is u::rwx,u:1234:user,g::r-x,m::mask,o::r--.
func acl(user, mask byte) []byte {
	b := []byte{2, 0, 0, 0}
	entry := func(tag, perm byte, id uint32) {
		b = append(b, tag, 0, perm, 0, byte(id), byte(id>>8), byte(id>>16), byte(id>>24))
	}
	const none = ^uint32(0)
	entry(0x01, 7, none)
	entry(0x02, user, 1234)
	entry(0x04, 5, none)
	entry(0x10, mask, none)
	entry(0x20, 4, none)
	return b
}

func (b *builder) times(top string) {
	dir := b.mkdir(top, "times")
	for _, at := range []unix.Timespec{{Sec: -1, Nsec: 999999999}, {Sec: 0}, {Sec: 1 << 31, Nsec: 1}, {Sec: 1<<32 + 5, Nsec: 123456789}} {
		path := b.file(3, dir, fmt.Sprint(at.Sec))
		b.may(unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{at, at}, 0))
	}
	b.age(dir)
}
