//go:build !cgo || !linux

package launch

import (
	"context"
)

// Opening a library at run time takes cgo.

func noCgo(what string) error {
	return notOpened(what, []string{"this binary was built without cgo (CGO_ENABLED=1 go build)"})
}

func meetPMIx(context.Context, meeting) (met, error) { return met{}, noCgo("libpmix") }
func leavePMIx(context.Context, meeting) error       { return noCgo("libpmix") }
func meetMPI(context.Context, meeting) (met, error)  { return met{}, noCgo("libmpi") }
func leaveMPI(context.Context, meeting) error        { return noCgo("libmpi") }
