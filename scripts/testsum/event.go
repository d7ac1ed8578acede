package main

import "encoding/json"

// An event is one line of go test -json; `go doc test2json` has the meaning of
// the fields.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output and build-fail, instead of Package
	Test        string // empty for what concerns the package
	Output      string
	FailedBuild string
}

// A testID names a test (or subtest) in the whole run.
type testID struct{ pkg, test string }

func (e event) id() testID { return testID{e.Package, e.Test} }

// parse says whether line is an event at all: the go command mixes in lines of
// its own, such as those about downloads.
func parse(line []byte) (event, bool) {
	var e event
	if len(line) == 0 || line[0] != '{' || json.Unmarshal(line, &e) != nil || e.Action == "" {
		return event{}, false
	}
	return e, true
}
