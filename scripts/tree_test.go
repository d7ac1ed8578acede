package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gdcp/scripts/need"
)

// oddTree makes the odd tree.
func oddTree(t *testing.T) string {
	t.Helper()
	for feature, tool := range map[string]string{"rsync": "rsync", "xattr": "getfattr", "acl": "getfacl"} {
		need.Program(t, feature, tool)
	}
	src := filepath.Join(t.TempDir(), "src")
	t.Cleanup(func() { shell(t, filepath.Dir(src), "chmod -R u+rwx .") })
	if r := script(t, nil, "odd-tree", src, "1", "20"); r.code != 0 {
		t.Fatalf("odd-tree: exit %d: %s", r.code, r.errors)
	}
	return src
}

// copyOf makes cp's copy of src.
func copyOf(t *testing.T, src string) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() { shell(t, dir, "chmod -R u+rwx .") })
	shell(t, dir, "cp -a "+src+" copy")
	return filepath.Join(dir, "copy")
}

func shell(t *testing.T, dir, command string) {
	t.Helper()
	cmd := exec.Command("bash", "-ec", command)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func TestSameTreeSaysEqual(t *testing.T) {
	src := oddTree(t)
	dest := copyOf(t, src)
	r := script(t, nil, "same-tree", src, dest)
	if r.code != 0 {
		t.Errorf("exit %d for cp's copy:\n%s%s", r.code, r.out, r.errors)
	}
	contains(t, "same-tree", r.out, "rsync -aHAXn --itemize-changes --delete", "find:", "getfattr:", "getfacl:")
}

// TestSameTreeBites spoils the copy in one way at a time: a judge that lets any
// of them pass proves nothing.
func TestSameTreeBites(t *testing.T) {
	src := oddTree(t)
	for name, spoil := range map[string]string{
		"a byte":                       "printf X | dd of=large bs=1 seek=70000 conv=notrunc status=none; touch -r $src/large large",
		"a nanosecond":                 "touch -d '2010-10-10 10:10:10.101010102' large",
		"a directory's time":           "touch times",
		"a link's time":                "touch -h links/dangling",
		"a link's target":              "ln -sfn elsewhere links/dangling; touch -h -r $src/links/dangling links/dangling; touch -r $src/links links",
		"a mode":                       "chmod 6754 modes/file-6755",
		"a missing path":               "rm sizes/0; touch -r $src/sizes sizes",
		"a path too many":              "touch sizes/more; touch -r $src/sizes sizes",
		"a link hard where it was not": "ln links/target hard; touch -r $src .",
	} {
		t.Run(name, func(t *testing.T) {
			dest := copyOf(t, src)
			shell(t, dest, "src="+src+"; "+spoil)
			if r := script(t, nil, "same-tree", src, dest); r.code != 1 {
				t.Errorf("exit %d, want 1:\n%s%s", r.code, r.out, r.errors)
			}
		})
	}
}

func TestSameTreeBitesAttributes(t *testing.T) {
	src := oddTree(t)
	for name, spoil := range map[string]string{
		"an xattr":      "setfattr -x user.empty xattrs/file",
		"an ACL":        "setfacl -m u:1234:r-- acls/file",
		"a default ACL": "setfacl -k acls/default",
	} {
		t.Run(name, func(t *testing.T) {
			dest := copyOf(t, src)
			if exec.Command("setfattr", "-n", "user.try", "-v", "1", dest).Run() != nil {
				need.Lacking(t, "xattr", "no user attributes in "+os.TempDir()+"; set TMPDIR to a place that has them")
			}
			shell(t, dest, "setfattr -x user.try .")
			shell(t, dest, "src="+src+"; "+spoil)
			if r := script(t, nil, "same-tree", src, dest); r.code != 1 {
				t.Errorf("exit %d, want 1:\n%s%s", r.code, r.out, r.errors)
			}
		})
	}
}
