// Command testsum reads what `go test -json` writes and says it to a person:
// one line per package, the whole output of what failed, why each skipped test
// was skipped, and a closing line that counts.
//
//	go test -json ./... | go run ./scripts/testsum
//
// go test -v says all of this too, and hides it among thousands of lines of
// what went well; without -v it hides what was skipped.
//
// # Algorithm
//
//  1. A line that is not JSON is the go command's own: passed through.
//  2. Output of a test is kept until the test ends: printed if it failed, its
//     reason kept if it was skipped, else dropped.
//  3. Output of a package is printed as it comes.
//  4. When a package fails, what is still kept of its tests is printed: those
//     were running when it died.
//  5. At the end: the skipped tests by reason, the failed ones by name, counts.
//
// The exit code is 0 if something was tested and nothing failed, else 1.
package main
