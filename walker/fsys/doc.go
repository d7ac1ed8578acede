// Package fsys is the seam between gdcp and file systems: what a copy may do
// to a tree, as interfaces whose names are always relative to a directory
// that is held open.
//
// The nouns:
//
//   - An FS opens a path that the user named. It is the only place where a
//     whole path is given to the kernel. OS is the real one; package fault
//     wraps any FS to make its operations fail.
//   - A Dir is a directory held by a descriptor. Its methods take the name of
//     one entry: a name with a slash, "", "." and ".." are refused, so that
//     nothing leaves the directory, whatever somebody else renames meanwhile.
//   - A File is an open file. Pread, Pwrite and CopyRange are one system call
//     each, and may move less than was asked.
//   - An Attributed is anything that has an owner, a mode, times and extended
//     attributes: a Dir, a File, or what Dir.Entry returns, an entry by its
//     name that is never followed, because a symbolic link has attributes too.
//   - A Stat is what statx says; a Kind is what sort of thing it is about.
//
// Symbolic links are followed only where a caller says Follow. Opening
// never waits for a fifo's other end, and gives no controlling terminal.
//
//	src, err := fs.Root("/old", true)        1. the user's path: may be a link
//	dir, err := src.OpenPath("a/b/c")        2. below it, no link is followed
//	ents, done, err := dir.ReadDir(buf)      3. a bounded piece of the listing
//	f, err := dir.Open("file", ReadOnly, 0)  4. and it may be anything by now:
//	st, err := f.Stat()                         look before you read
//
// EINTR is tried again, EAGAIN is waited out, in one place (call_linux.go).
// An error is an *Error: operation, name of the entry, cause; it costs nothing
// until it is made.
//
// Linux 4.11 or later is needed for statx. On other systems the package
// compiles, and OS says that it is not supported.
package fsys
