package fsys

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// patience bounds how long a call is tried again that says EAGAIN. The most
// that such a wait is known to take is a lease (a file that Samba has lent to
// a client), which the kernel breaks after /proc/sys/fs/lease-break-time: 45
// seconds.
const patience = 50 * time.Second

// again makes a system call until it is neither interrupted by a signal
// (EINTR) nor told to come back later (EAGAIN), which is waited out with
// growing pauses.
func again(call func() error) error {
	err := call()
	for pause, waited := time.Millisecond, time.Duration(0); ; {
		switch err {
		case unix.EINTR: //nolint:errorlint // system calls return bare numbers
		case unix.EAGAIN:
			if waited >= patience {
				return err
			}
			time.Sleep(pause) //nolint:forbidigo // no context reaches a system call, and patience bounds it
			waited += pause
			pause = min(2*pause, time.Second)
		default:
			return err
		}
		err = call()
	}
}

// nameLength is what fits into a cname without memory of its own: the longest
// name of nearly all file systems, and the zero byte.
const nameLength = 256

// cname makes name a C string, in buf if it fits. Package unix would allocate
// for each: two for a small file's two opens are worth saving.
func cname(buf *[nameLength]byte, name string) (*byte, error) {
	if len(name) >= len(buf) {
		return unix.BytePtrFromString(name)
	}
	for i := range len(name) {
		if name[i] == 0 {
			return nil, unix.EINVAL
		}
		buf[i] = name[i]
	}
	buf[len(name)] = 0
	return &buf[0], nil
}

func errnoOrNil(e syscall.Errno) error {
	if e == 0 {
		return nil
	}
	return e
}

func openat(dir int, name string, flags int, perm uint32) (fd int, err error) {
	var buf [nameLength]byte
	p, err := cname(&buf, name)
	if err != nil {
		return -1, err
	}
	err = again(func() error {
		r, _, e := unix.Syscall6(unix.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(p)),
			uintptr(flags|unix.O_LARGEFILE), uintptr(perm), 0, 0)
		fd = int(r)
		return errnoOrNil(e)
	})
	if err != nil {
		return -1, err
	}
	return fd, nil
}

func wrap(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{op, name, err}
}

// checkName refuses what is not one component of a path.
func checkName(op, name string) error {
	if isName(name) {
		return nil
	}
	return &Error{op, name, syscall.EINVAL}
}

func isName(name string) bool {
	for i := range len(name) {
		if name[i] == '/' || name[i] == 0 {
			return false
		}
	}
	return name != "" && !isDot(name)
}
