// Package copytest makes trees to copy and judges copies, for tests of the
// copier and of the commands. It reads trees with system calls of its own and
// shares no code with what it judges.
//
//	copytest.Make(t, "src")
//	...copy...
//	copytest.Equal(t, "src", "dst")
package copytest
