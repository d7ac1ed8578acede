// Package fault makes file systems go wrong on purpose. It wraps any fsys.FS,
// counts what is asked of it, and lets a test decide for each operation
// whether it fails, falls short, or comes late.
//
// The nouns:
//
//   - An Op is an operation that is about to be made: its number, its verb, the
//     path that it is about. The verb is the Op of the *fsys.Error that package
//     fsys itself would make of its failure: "open", "write", "set times".
//   - An Effect is what becomes of it. The zero Effect leaves it alone.
//   - An Injector chooses the Effect of each Op. It is also the place to do
//     something to the tree at just that moment, or to wait.
//
// A sweep fails one operation after the other, until a run gets through without
// reaching the one that was to fail:
//
//	for i := 0; ; i++ {
//		fs := fault.New(fsys.OS{}, fault.Nth(i, syscall.EIO))
//		...use fs, and check what must hold whatever failed...
//		if fs.Ops() <= i {
//			break
//		}
//	}
//
// An operation that fails is not made, unless its Effect says Late: except
// Close, which gives the descriptor back and then fails, as the kernel's does.
package fault
