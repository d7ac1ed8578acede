package scripts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gdcp/scripts/need"
)

// TestVersion stamps a scratch checkout in every state that a source tree can
// be in.
func TestVersion(t *testing.T) {
	need.Program(t, "git", "git")
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "scripts"), 0o755); err != nil {
		t.Fatal(err)
	}
	shell(t, ".", "cp version "+dir+"/scripts/")
	shell(t, dir, "printf '# Changes\\n\\n## Unreleased\\n\\n## 0.3.0\\n\\n## 0.2.0\\n' >CHANGELOG.md")

	version := func() string {
		return strings.TrimSpace(script(t, nil, filepath.Join(dir, "scripts", "version")).out)
	}
	if v := version(); v != "0.3.0" {
		t.Errorf("an archive without git: %q, want the newest of CHANGELOG.md, 0.3.0", v)
	}
	git := "git -c user.name=x -c user.email=x@example.com "
	shell(t, dir, "git init -q . && git add . && "+git+"commit -q -m x")
	if v := version(); !strings.HasPrefix(v, "0.3.0+g") {
		t.Errorf("a checkout without tags: %q, want 0.3.0+gCOMMIT", v)
	}
	shell(t, dir, git+"tag -a -m x v0.4.0")
	if v := version(); v != "0.4.0" {
		t.Errorf("a tagged checkout: %q, want 0.4.0", v)
	}
	shell(t, dir, "echo >>CHANGELOG.md")
	if v := version(); v != "0.4.0-dirty" {
		t.Errorf("a changed checkout: %q, want 0.4.0-dirty", v)
	}
}
