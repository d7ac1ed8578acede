//go:build race

package tree

// raceDetector makes a tree of four million nodes take many seconds, and there
// is but one goroutine to a tree.
const raceDetector = true
