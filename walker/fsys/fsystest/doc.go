// Package fsystest is the conformance suite of fsys.FS: what every file system
// has to do, in front of which a copy stands. fsys.OS and the wrappers pass it.
//
//	fsystest.Test(t, fsys.OS{}, t.TempDir())
//
// It works in an empty directory that exists, through the FS alone, and wants
// nothing of the user but that the directory is writable. What a file system
// may lack (extended attributes, holes) is checked where it is there.
package fsystest
