// Package attrs carries what a file is besides its data from one place to
// another: owner, mode, times, extended attributes, ACLs, capabilities.
//
// The nouns:
//
//   - A Set is what the user wants preserved (--preserve, --no-preserve).
//   - A Filter says which extended attributes go along (-X).
//   - Attributes are what was read from a source. They can be encoded, since
//     who reads the source may not be who writes the destination.
//   - Known is what the caller knows of the destination already. What is known
//     to be right is neither asked nor set: for a small file whose owner and
//     mode came out right when it was made, two system calls are left, one to
//     list the source's extended attributes and one to set the times.
//   - A Keeper does the work. It has scratch memory, so each worker has its own.
//
// Read:
//
//  1. take owner, mode and times from the Stat
//  2. list the extended attributes; get the ones wanted. ACLs and
//     security.capability are listed among them, and kept apart
//
// Apply, in this order, because a step undoes others that came before:
//
//  1. chown, which clears suid, sgid and security.capability. If it is not
//     permitted: the group alone, and no suid or sgid later
//  2. extended attributes; those that the source has not are removed. This
//     needs write permission, so it comes before the mode
//  3. the access ACL, set or removed: a default ACL of the parent directory
//     gave entries to a new file which a mask of --- hides, and which the
//     chmod to come would bring to life
//  4. chmod, always after an ACL, as an ACL has no suid, sgid or sticky
//  5. a directory's default ACL; an NFSv4 ACL, which chmod would rewrite
//  6. security.capability, which no later step clears
//  7. the times, last, and only if the data is whole
//
// Each failure is an *Error, and the steps after it still run.
//
// Extended attributes are read and written with system calls by way of
// fsys.Attributed, not with github.com/pkg/xattr: that package needs an
// *os.File or a path, and allocates for each value, where a copy with no
// extended attributes should pay for one system call and nothing else.
package attrs
