package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"gdcp/copier/attrs"
)

// The help names every option that is accepted, and no other, and fits.
func TestHelpIsExact(t *testing.T) {
	var inHelp, accepted []string
	for _, m := range regexp.MustCompile(`(?m)^  (?:    |-\w, )--([a-z-]+)|^  -\w, --([a-z-]+)`).FindAllStringSubmatch(help, -1) {
		inHelp = append(inHelp, m[1]+m[2])
	}
	newFlags(&options{}).set.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			accepted = append(accepted, f.Name)
		}
		short := "      --" + f.Name
		if f.Shorthand != "" {
			short = "  -" + f.Shorthand + ", --" + f.Name
		}
		if !f.Hidden && !strings.Contains(help, "\n"+short) {
			t.Errorf("the help does not say %q", short)
		}
	})
	slices.Sort(inHelp)
	slices.Sort(accepted)
	if !slices.Equal(inHelp, accepted) {
		t.Errorf("the help has %q, accepted are %q", inHelp, accepted)
	}
	for line := range strings.Lines(help) {
		if len(strings.TrimSuffix(line, "\n")) > 80 || strings.ContainsAny(line, "\t") {
			t.Errorf("does not fit 80 columns: %q", line)
		}
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"a", "-wv=", "b", "c"})
	if err == nil {
		t.Errorf("-wv= was taken: %+v", o)
	}
	o, err = parse([]string{"-LPL", "-w3", "a", "--progress=7", "b", "-b", "64k", "--chunksize", "1MiB", "--", "-c"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.sources, []string{"a", "b"}) || o.dest != "-c" {
		t.Errorf("operands %q, %q", o.sources, o.dest)
	}
	if !o.follow || o.workers != 3 || o.bufSize != 64<<10 || o.chunk != 1<<20 || o.progress != 7*time.Second || !o.progressGiven {
		t.Errorf("%+v", o)
	}
}

func TestPreserve(t *testing.T) {
	for args, want := range map[string]attrs.Set{
		"":                                       attrs.All,
		"-p":                                     attrs.All,
		"--preserve":                             attrs.All,
		"--preserve=mode,acl":                    attrs.Mode | attrs.ACL,
		"--preserve=mode --preserve=acl":         attrs.Mode | attrs.ACL,
		"--no-preserve=xattr,ownership":          attrs.All &^ (attrs.Xattrs | attrs.Ownership),
		"--no-preserve=all":                      0,
		"--preserve=mode,acl --no-preserve=mode": attrs.ACL,
		"--no-preserve=mode -p":                  attrs.All &^ attrs.Mode,
		"--no-preserve=links":                    attrs.All &^ attrs.Links,
	} {
		o, err := parse(append(strings.Fields(args), "a", "b"))
		if err != nil || o.preserve != want {
			t.Errorf("%q preserves %v (%v), want %v", args, o.preserve, err, want)
		}
	}
}

// Every mistake is one line that names it, and at most one hint.
func TestMistakes(t *testing.T) {
	for args, want := range map[string]string{
		"":                               "SRC and DEST are missing\nhint: gdcp --help says how it is called",
		"a":                              "DEST is missing after \"a\"\nhint: gdcp --help says how it is called",
		"--preserv a b":                  "there is no option --preserv\nhint: did you mean --preserve?",
		"--qqq a b":                      "there is no option --qqq\nhint: gdcp --help says how it is called",
		"-Z a b":                         "there is no option -Z\nhint: gdcp --help says how it is called",
		"-vZ a b":                        "there is no option -Z\nhint: gdcp --help says how it is called",
		"--update a b":                   "--update is not in this version yet",
		"-vS a b":                        "-S is not in this version yet",
		"--sparse=always a b":            "--sparse is not in this version yet",
		"-a a b":                         "there is no option -a\nhint: leave it out: directories are copied with all that is in them, and everything is preserved, by default",
		"-w":                             "-w, --workers needs a value\nhint: gdcp --help says how it is called",
		"--net":                          "--net needs a value\nhint: gdcp --help says how it is called",
		"--net= a b":                     "--net: the value is empty",
		"-w x a b":                       `-w, --workers "x": want a whole number`,
		"-w 99999999999999999999 a b":    `-w, --workers "99999999999999999999": that is too large`,
		"-w 0 a b":                       "-w 0: want 1 to 1024 workers",
		"-w -1 a b":                      "-w -1: want 1 to 1024 workers",
		"-b 1 a b":                       "-b: a buffer of 1 byte: want 4 KiB to 1 GiB",
		"-b 2G a b":                      "-b: a buffer of 2,147,483,648 bytes: want 4 KiB to 1 GiB",
		"-b 4X a b":                      `-b, --bufsize "4X": want a size such as 4M, 64KiB or 1GB`,
		"-b 99E a b":                     `-b, --bufsize "99E": want a size such as 4M, 64KiB or 1GB, below 8 EiB`,
		"-k 1 a b":                       "-k: segments of 1 byte: want at least 64 KiB",
		"-k 0 a b":                       "-k: segments of 0 bytes: want at least 64 KiB",
		"-k 65537 a b":                   "-k: segments of 65,537 bytes: want a multiple of 4 KiB",
		"--progress -1 a b":              "--progress -1: want 0 (never) to 86400 seconds",
		"--verbose=maybe a b":            `-v, --verbose takes no value, but "maybe" was given`,
		"-L=x a b":                       `-L, --dereference takes no value, but "x" was given`,
		"-q -v a b":                      "-q and -v contradict each other",
		"--errors f --stats f a b":       "--errors and --stats name the same file",
		"--preserve=mood a b":            `--preserve=mood: "mood" is no attribute that can be preserved: want some of mode, ownership, timestamps, links, xattr, acl, or all, separated by commas`,
		"--preserve= a b":                `--preserve=: "" is no attribute that can be preserved: want some of mode, ownership, timestamps, links, xattr, acl, or all, separated by commas`,
		"--preserve=links a b":           "--preserve=links: hard links are not in this version yet\nhint: leave links out: each name of a file becomes a file of its own",
		"--no-preserve=xattr -X all a b": "-X all goes along with preserving xattr, which is left out\nhint: add xattr to --preserve, or leave -X out",
	} {
		_, err := parse(strings.Fields(args))
		if err == nil || err.Error() != want {
			t.Errorf("gdcp %s:\n got %v\nwant %s", args, err, want)
		}
	}
	if _, err := parse([]string{"a", ""}); err == nil || err.Error() != "argument 2 of SRC and DEST is empty" {
		t.Errorf("an empty DEST: %v", err)
	}
	if _, err := parse([]string{"--bad\n\xff", "a", "b"}); err == nil || !strings.Contains(err.Error(), `--bad\n\xff`) {
		t.Errorf("an option with odd bytes: %v", err)
	}
}

// The manual page is what go generate makes of the help text.
func TestManualPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "gdcp.1"))
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != manualPage() {
		t.Error("docs/gdcp.1 is not what gdcp --man prints: run go generate ./cmd/gdcp")
	}
}
