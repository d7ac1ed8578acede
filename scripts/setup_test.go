package scripts

import (
	"os"
	"strings"
	"testing"
)

// TestSetupNamesPackages pretends machines on which nothing is installed, one
// for each packager, and reads what would be done there.
func TestSetupNamesPackages(t *testing.T) {
	for _, c := range []struct{ packager, ask, install string }{
		{"apt", "dpkg-query", "apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install -y --no-install-recommends gcc libc6-dev make"},
		{"dnf", "rpm", "dnf -q install -y --setopt=install_weak_deps=False gcc glibc-devel make"},
		{"zypper", "rpm", "zypper --non-interactive --quiet install --no-recommends gcc glibc-devel make"},
	} {
		t.Run(c.packager, func(t *testing.T) {
			dir := t.TempDir()
			program(t, dir, c.ask, "exit 1")
			r := script(t, []string{"PACKAGER=" + c.packager, "PATH=" + dir + ":" + os.Getenv("PATH")}, "setup", "-n", "build")
			contains(t, "setup -n build", r.out, c.install, "missing: make: runs the Makefile")
			if strings.Contains(r.out, "slurm") {
				t.Errorf("the group build needs no Slurm:\n%s", r.out)
			}
		})
	}
}

// TestSetupDoesNothingTwice: where all is installed, no packager is run.
func TestSetupDoesNothingTwice(t *testing.T) {
	dir := t.TempDir()
	program(t, dir, "dpkg-query", "echo installed")
	program(t, dir, "apt-get", "echo apt-get was run; exit 1")
	r := script(t, []string{"PACKAGER=apt", "PATH=" + dir + ":" + os.Getenv("PATH")}, "setup", "all")
	contains(t, "setup all", r.out, "setup: all: all packages are here")
	if r.code != 0 || strings.Contains(r.out+r.errors, "apt-get was run") {
		t.Errorf("exit %d:\n%s%s", r.code, r.out, r.errors)
	}
}

// TestSetupLacks: what the distribution does not have is an error for building,
// and only said where tests alone need it.
func TestSetupLacks(t *testing.T) {
	for _, c := range []struct {
		lacks string
		code  int
		says  string
	}{
		{"gcc", 1, "apt has no gcc: enable the repository that has it, or install it by hand"},
		{"strace", 0, "apt has no strace: the tests that need it cannot run here"},
	} {
		t.Run(c.lacks, func(t *testing.T) {
			dir := t.TempDir()
			program(t, dir, "dpkg-query", "exit 1")
			program(t, dir, "apt-get", "exit 0")
			program(t, dir, "sudo", `while [ "$1" = -n ]; do shift; done; exec "$@"`)
			program(t, dir, "apt-cache", `if [ "$2" = `+c.lacks+` ]; then echo "  Candidate: (none)"; else echo "  Candidate: 1.0"; fi`)
			r := script(t, []string{"PACKAGER=apt", "PATH=" + dir + ":" + os.Getenv("PATH")}, "setup", "test")
			if r.code != c.code {
				t.Errorf("exit %d, want %d", r.code, c.code)
			}
			contains(t, "setup test", r.out+r.errors, c.says)
		})
	}
}

func TestSetupRefuses(t *testing.T) {
	for _, args := range [][]string{{}, {"-n"}, {"kitchen"}, {"features"}} {
		if r := script(t, nil, "setup", args...); r.code != 1 || r.errors == "" {
			t.Errorf("setup %q: exit %d, says %q", args, r.code, r.errors)
		}
	}
}

func TestSetupFeatures(t *testing.T) {
	r := script(t, nil, "setup", "features", "test")
	words := strings.Split(strings.TrimSpace(r.out), ",")
	contains(t, "setup features test", strings.Join(words, " "), "openmpi", "hydra", "slurm", "rsync")
	seen := map[string]bool{}
	for _, w := range words {
		if seen[w] || w == "" || w == "-" {
			t.Errorf("feature %q twice, or no feature, in %q", w, words)
		}
		seen[w] = true
	}
}

// TestFindGo: a go command that cannot build this module is passed over, and
// where there is no other the advice names the version and the place.
func TestFindGo(t *testing.T) {
	wanted := strings.TrimSpace(script(t, nil, "find-go", "--version").out)
	dir := t.TempDir()
	program(t, dir, "go", `case $1 in version) echo "go version go1.19.8 linux/amd64" ;; env) echo go1.19.8 ;; esac`)
	r := script(t, []string{"HOME=" + dir, "PATH=" + dir + ":/usr/bin:/bin"}, "find-go")
	if r.code == 0 { // another one is installed in a usual place
		if strings.HasPrefix(r.out, dir) {
			t.Errorf("go 1.19 was taken for %s", wanted)
		}
		return
	}
	contains(t, "find-go", r.errors, "gdcp needs Go "+wanted, "https://go.dev/dl/go"+wanted, "1.19.8")
}
