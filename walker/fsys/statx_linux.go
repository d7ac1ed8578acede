package fsys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func statx(dir int, name string, flags int) (Stat, error) {
	var x unix.Statx_t
	err := again(func() error {
		return unix.Statx(dir, name, flags|unix.AT_STATX_SYNC_AS_STAT, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &x)
	})
	if err != nil {
		return Stat{}, err
	}
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
	return st, nil
}

func timeOf(t unix.StatxTimestamp) Time { return Time{t.Sec, t.Nsec} }

func timespecs(atime, mtime Time) []unix.Timespec {
	return []unix.Timespec{{Sec: atime.Sec, Nsec: int64(atime.Nsec)}, {Sec: mtime.Sec, Nsec: int64(mtime.Nsec)}}
}

// futimens sets the times of a descriptor: utimensat without a name, which
// package unix has no function for.
func futimens(fd int, atime, mtime Time) error {
	ts := [2]unix.Timespec(timespecs(atime, mtime))
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
