// Package scripts holds what people and continuous integration run around the
// code: set-up, demo, batch jobs. It has no Go of its own but the tests of
// those scripts.
package scripts
