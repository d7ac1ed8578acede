// Package tui is how commands speak to people. These are the rules:
//
//   - Messages go to standard error, results to standard output. A line is one
//     write, so that lines of several writers do not mix.
//   - A message begins with the command's name, has no capital and no full
//     stop. What to do about it follows on a line of its own, as a hint.
//   - Whatever bytes a name has, it is printed on one line (fsys.Quote); the
//     caller sees to that.
//   - On a terminal there may be a status line below all others, which is
//     written over. Elsewhere there is none.
//
// Only one process of a job speaks: rank 0. Who that is is the caller's matter.
package tui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// Console speaks for a command. It is safe for concurrent use.
type Console struct {
	name  string
	width func() int // of the terminal, in columns; nil if there is none

	mu     sync.Mutex // guards all below, and is held while writing
	out    io.Writer
	err    io.Writer
	outErr error  // the first error of writing results
	status string // the status line as it stands; "" for none
}

// New makes a Console. width tells how many columns the terminal behind err
// has; it is nil where err is not one, or must not be treated as one.
func New(name string, out, err io.Writer, width func() int) *Console {
	return &Console{name: name, out: out, err: err, width: width}
}

// Message prints a line, or several if the text has newlines, on standard
// error.
func (c *Console) Message(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(&b, "%s: %s\n", c.name, line)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.above(c.err, b.String()) // nobody is left to tell
}

// Hint prints what to do about the message before it.
func (c *Console) Hint(format string, args ...any) {
	c.Message("hint: "+format, args...)
}

// Result prints text, which ends in a newline, on standard output.
func (c *Console) Result(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.above(c.out, text); err != nil && c.outErr == nil {
		c.outErr = err
	}
}

// ResultError is the first error of writing results; nil if all are out.
func (c *Console) ResultError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.outErr
}

// HasStatus tells whether there can be a status line.
func (c *Console) HasStatus() bool { return c.width != nil }

// Status replaces the status line. "" removes it.
func (c *Console) Status(text string) {
	if c.width == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if text != "" {
		text = cut(c.name+": "+text, c.width()-1)
	}
	c.status = text
	io.WriteString(c.err, "\r"+text+eraseLine)
}

// eraseLine removes what is right of the cursor.
const eraseLine = "\x1b[K"

// above writes text, and keeps the status line below it. The lock is held.
func (c *Console) above(w io.Writer, text string) error {
	if c.status == "" {
		_, err := io.WriteString(w, text)
		return err
	}
	io.WriteString(c.err, "\r"+eraseLine)
	_, err := io.WriteString(w, text)
	io.WriteString(c.err, c.status)
	return err
}

// cut shortens text to at most width characters: what is longer than the
// terminal would begin a new line, and stay.
func cut(text string, width int) string {
	width = max(width, 1)
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width])
}
