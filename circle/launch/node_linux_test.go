package launch

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"gdcp/scripts/need"
)

// Containers with a network of their own are nodes of their own; ranks that only
// have a mount namespace of their own, as under Apptainer, share the node.
func TestNodesOfOneKernel(t *testing.T) {
	need.Root(t)
	node := func(flags uintptr) string {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "GDCP_TEST_RANK=node")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	here := node(0)
	if again := node(0); again != here || len(here) != 32 {
		t.Errorf("%q, then %q", here, again)
	}
	if apptainer := node(syscall.CLONE_NEWNS); apptainer != here {
		t.Error("a mount namespace makes another node")
	}
	if docker := node(syscall.CLONE_NEWNET); docker == here {
		t.Error("a network of its own makes no other node")
	}
}
