package copier

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
)

// planned is where plan is tried: a few files and directories.
func planned(t *testing.T) {
	t.Helper()
	t.Chdir(tempDir(t))
	out, err := exec.Command("sh", "-c", `mkdir -p d/sub/deep other/d full/d full/f empty && echo x >f && echo y >g &&
		ln -s d tod && ln -s f tof && ln -s nowhere dangling && ln f hard && mkfifo fifo && echo z >empty.txt && echo >full/g`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// What goes where.
func TestPlan(t *testing.T) {
	planned(t)
	for _, c := range []struct {
		args string // SRC... DEST; -T and -L before them
		want string // SRC -> DST of each root; "dir" or "entry" before
	}{
		{"d new", "dir d -> new"},
		{"d new/", "dir d -> new"},
		{"d/ new", "dir d -> new"},
		{"d/. new", "dir d/. -> new"},
		{"f new", "entry f -> new"},
		{"tod new", "entry tod -> new"},
		{"-L tod new", "dir tod -> new"},
		{"tod/ new", "dir tod -> new"},
		{"dangling new", "entry dangling -> new"},
		{"fifo new", "entry fifo -> new"},
		{"d empty", "dir d -> empty/d"},
		{"d empty/", "dir d -> empty/d"},
		{"d/ empty", "dir d -> empty"},
		{"d/. empty", "dir d/. -> empty"},
		{"d other", "dir d -> other/d"},
		{"d ./empty/../empty", "dir d -> ./empty/../empty/d"},
		{"-T d empty", "dir d -> empty"},
		{"-T f new", "entry f -> new"},
		{"-T f g", "entry f -> g"},
		{"f g", "entry f -> g"},
		{"f empty", "entry f -> empty/f"},
		{"f dangling", "entry f -> dangling"},
		{"f tof", "entry f -> tof"}, // the link is replaced
		{"d/sub empty", "dir d/sub -> empty/sub"},
		{"d f fifo empty", "dir d -> empty/d, entry f -> empty/f, entry fifo -> empty/fifo"},
		{"d/sub .", "dir d/sub -> sub"},
		{"d/../f ./new", "entry d/../f -> new"},
	} {
		if got, err := planOf(c.args); got != c.want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", c.args, got, err, c.want)
		}
	}
}

func planOf(args string) (string, error) {
	o := Options{FS: fsys.OS{}}
	words := strings.Fields(args)
	for ; strings.HasPrefix(words[0], "-"); words = words[1:] {
		o.NoTargetDir = o.NoTargetDir || words[0] == "-T"
		o.Follow = o.Follow || words[0] == "-L"
	}
	o.Sources, o.Dest = words[:len(words)-1], words[len(words)-1]
	roots, err := plan(&o)
	var s []string
	for i := range roots {
		kind := "entry"
		if roots[i].Dir {
			kind = "dir"
		}
		s = append(s, fmt.Sprintf("%s %s -> %s", kind, roots[i].Src(), roots[i].Dst()))
	}
	return strings.Join(s, ", "), err
}

// What cannot end well is refused, with a reason.
func TestPlanRefuses(t *testing.T) {
	planned(t)
	for _, c := range []struct{ args, want string }{
		{"new", "no source was given"},
		{"none new", "source none: no such file"},
		{"f/ new", "source f/: not a directory"},
		{"dangling/ new", "source dangling/: no such file"},
		{"-L dangling new", "source dangling: no such file"},
		{"d no/such", "its parent no: no such file"},
		{"d f/x", "not a directory"},
		{"f new/", "there is no such directory"},
		{"d d", "inside the source"},
		{"d d/sub", "inside the source"},
		{"d d/sub/new", "inside the source"},
		{"d tod/sub", "inside the source"},
		{"d/ d", "are the same"},
		{"-T d d", "are the same"},
		{"-T d tod", "are the same"},
		{"f f", "are the same"},
		{"f hard", "are the same"},
		{"f .", "are the same"},
		{". d", "inside the source"},
		{"./ d/new", "inside the source"},
		{"d f", "is a directory, but the destination f is a file"},
		{"-T d f", "is a directory, but the destination f is a file"},
		{"-T d dangling", "is a directory, but the destination dangling is a symlink"},
		{"-T f empty", "is a file, but the destination empty is a directory"},
		{"f full", "but the destination full/f is a directory"},
		{"-T f g empty", "-T takes one source"},
		{"f g new", "there is no directory new"},
		{"f g fifo", "the destination fifo is a fifo"},
		{"d other/d empty", "would both become empty/d"},
		{"d/ other/ empty", "would both become empty"},
		{"f d/../f empty", "would both become empty/f"},
		{"f new/..", "no such file"},
	} {
		got, err := planOf(c.args)
		var refusal *Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.What, c.want) {
			t.Errorf("%s: planned %q, %v, want it refused: %s", c.args, got, err, c.want)
		}
	}
}

// The way up from the destination may end at a directory that must not be
// searched, and no other error is taken for that.
func TestPlanGoesUp(t *testing.T) {
	planned(t)
	for errno, want := range map[syscall.Errno]bool{syscall.EACCES: true, syscall.EIO: false} {
		fs := fault.New(fsys.OS{}, func(op fault.Op) fault.Effect {
			if op.Verb == "stat" && strings.HasSuffix(op.Path, "/../..") {
				return fault.Effect{Err: errno}
			}
			return fault.Effect{}
		})
		_, err := plan(&Options{FS: fs, Sources: []string{"d"}, Dest: "full/d"})
		if (err == nil) != want {
			t.Errorf("%v above: %v", errno, err)
		}
	}
}
