package fsys

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func statx(dir int, name string, flags int) (Stat, error) {
	var buf [nameLength]byte
	p, err := cname(&buf, name)
	if err != nil {
		return Stat{}, err
	}
	var x unix.Statx_t
	err = again(func() error {
		_, _, e := unix.Syscall6(unix.SYS_STATX, uintptr(dir), uintptr(unsafe.Pointer(p)),
			uintptr(flags|unix.AT_STATX_SYNC_AS_STAT), unix.STATX_BASIC_STATS|unix.STATX_BTIME, uintptr(unsafe.Pointer(&x)), 0)
		return errnoOrNil(e)
	})
	if err != nil {
		return Stat{}, err
	}
	return statOf(&x), nil
}

func statOf(x *unix.Statx_t) Stat {
	st := Stat{
		Kind: KindOfMode(uint32(x.Mode)), Mode: uint32(x.Mode) & 0o7777, UID: x.Uid, GID: x.Gid, Nlink: x.Nlink,
		Size: int64(x.Size), Blocks: int64(x.Blocks), BlockSize: x.Blksize,
		Dev: unix.Mkdev(x.Dev_major, x.Dev_minor), Ino: x.Ino, Rdev: unix.Mkdev(x.Rdev_major, x.Rdev_minor),
		Atime: timeOf(x.Atime), Mtime: timeOf(x.Mtime), Ctime: timeOf(x.Ctime),
		Attributes: x.Attributes, AttributesMask: x.Attributes_mask,
	}
	if x.Mask&unix.STATX_BTIME != 0 {
		st.Btime = timeOf(x.Btime)
	}
	return st
}

func timeOf(t unix.StatxTimestamp) Time { return Time{t.Sec, t.Nsec} }

// timespecs fails with ERANGE where a Timespec has 32 bits and t needs more.
func timespecs(atime, mtime Time) (ts [2]unix.Timespec, err error) {
	for i, t := range [...]Time{atime, mtime} {
		if ts[i], err = unix.TimeToTimespec(time.Unix(t.Sec, int64(t.Nsec))); err != nil {
			return ts, err
		}
	}
	return ts, nil
}

// futimens sets the times of a descriptor: utimensat without a name, which
// package unix has no function for.
func futimens(fd int, ts *[2]unix.Timespec) error {
	_, _, e := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(ts)), 0, 0, 0)
	return errnoOrNil(e)
}
