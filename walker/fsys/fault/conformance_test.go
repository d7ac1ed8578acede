package fault_test

import (
	"testing"

	"gdcp/walker/fsys"
	"gdcp/walker/fsys/fault"
	"gdcp/walker/fsys/fsystest"
)

// Without faults it is a file system like any other.
func TestConformance(t *testing.T) {
	fsystest.Test(t, fault.New(fsys.OS{}, nil), t.TempDir())
}
