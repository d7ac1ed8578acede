// Package copier copies trees: it is a job of package circle, in which
// directories, files and segments of files are the tasks.
//
// The nouns:
//
//   - A Root is one SRC of the command line and where its copy goes. Rank 0
//     plans the Roots; all others check that they see the same.
//   - A work is a task's body: what to do with which directory of which Root.
//   - A dirPair is a directory of the source and its copy, held open. Entries
//     are opened relative to it, so that no link is followed by accident.
//   - A batch is some entries of one directory. A segment is a range of a
//     large file.
//   - A Tally is a task's result: what was done below it. The root task's is
//     the job's, and exact.
//   - A Problem is something that went wrong with one path. It is reported to
//     rank 0 at once, and counted in the Tally; it stops nothing.
//
// A directory:
//
//  1. make it for its owner only, or make the one that is there writable
//  2. read the source's attributes, before the listing changes them
//  3. list it: spawn a task for each directory, and for each batch of the rest
//  4. when all of that has closed, wherever it ran: apply the attributes
//
// An entry of a batch:
//
//  1. open the source; if it is large, spawn a task for it and be done
//  2. create the copy, or empty the one that is there; copy; look whether the
//     source has changed meanwhile
//  3. apply the attributes, the times last, and only if the copy is whole; close
//
// A large file: its task makes the copy in full length and spawns segments;
// when all have closed, step 2's look and step 3 follow.
package copier
