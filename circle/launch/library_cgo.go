//go:build cgo && linux

package launch

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include "signals.h"

static void *open_library(const char *name) { return dlopen(name, RTLD_NOW | RTLD_GLOBAL); }
*/
import "C"

import (
	"unsafe"
)

// openLibrary opens the first of names that is there. It is never closed: the
// libraries here leave threads and exit handlers behind.
func openLibrary(what string, names []string) (unsafe.Pointer, error) {
	var reasons []string
	for _, name := range names {
		c := C.CString(name)
		handle := C.open_library(c)
		C.free(unsafe.Pointer(c))
		if handle != nil {
			return handle, nil
		}
		reasons = append(reasons, C.GoString(C.dlerror()))
	}
	return nil, notOpened(what, reasons)
}

// keepSignals remembers what the process does on each signal. MPI libraries set
// handlers of their own, and on stacks on which Go's must not run.
func keepSignals() (restore func()) {
	kept := (*C.signals)(C.malloc(C.sizeof_signals))
	C.signals_keep(kept)
	return func() {
		C.signals_restore(kept)
		C.free(unsafe.Pointer(kept))
	}
}
