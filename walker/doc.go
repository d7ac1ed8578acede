// Package walker reads trees: it lists directories of any size in bounded
// pieces, and counts what it saw.
//
// The nouns:
//
//   - An Entry is a name in a directory and its kind.
//   - A Lister lists one directory after another with one buffer. Each worker
//     has its own.
//   - A batch is some entries of one directory that are not directories, handed
//     out together, since a task for each would cost more than the files.
//   - Counts are how many there were of each kind, and their bytes.
//
// List:
//
//  1. read a piece of the directory into the buffer (package fsys)
//  2. where the file system did not tell an entry's kind, ask statx
//  3. hand out directories at once, so that others can begin with them, and
//     the rest in batches
//  4. until the directory ends; memory is the buffer and one batch
//
// How names are written for people is fsys.Quote, for machines NUL-separated.
package walker
