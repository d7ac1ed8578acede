//go:build race

package main

// raceDetector makes a tree of four million nodes take many seconds. The
// smaller trees, with more tasks, are the better test of races anyway.
const raceDetector = true
