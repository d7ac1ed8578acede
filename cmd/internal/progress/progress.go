// Package progress shows how far a job has got: on a terminal a status line
// that is written over, elsewhere a line now and then.
//
// It tells what is known and no more: how much is done, how fast, and for how
// long. How much there is altogether nobody knows before the whole tree has
// been listed, so there is no percentage and no time left.
package progress

import (
	"fmt"
	"strings"
	"time"

	"gdcp/cmd/internal/tui"
	"gdcp/cmd/internal/units"
)

// Sample is how far a job has got.
type Sample struct {
	Found    int64 // entries found in listings
	Entries  int64 // entries finished
	Bytes    int64
	Problems int64
}

// Meter turns samples into lines. It is not safe for concurrent use.
type Meter struct {
	console *tui.Console
	every   time.Duration
	began   time.Time
	last    Sample    // as it was at the last line
	lastAt  time.Time // when that was
	next    time.Time // when the next one is due
}

// New makes a Meter that prints a line every so often; 0 is never.
func New(c *tui.Console, every time.Duration) *Meter {
	now := time.Now()
	return &Meter{console: c, every: every, began: now, lastAt: now, next: now.Add(every)}
}

// Show takes a sample, and prints if it is time to.
func (m *Meter) Show(s Sample) {
	now := time.Now()
	if m.every <= 0 || now.Before(m.next) {
		return
	}
	line := m.line(s, now.Sub(m.lastAt), now.Sub(m.began))
	if m.console.HasStatus() {
		m.console.Status(line)
	} else {
		m.console.Message("%s", line)
	}
	m.last, m.lastAt = s, now
	m.next = now.Add(m.every - now.Sub(m.next)%m.every) // samples that come late shift nothing
}

// Stop removes the status line.
func (m *Meter) Stop() { m.console.Status("") }

// line has what matters most in front, as a narrow terminal cuts the rest off.
func (m *Meter) line(s Sample, since, elapsed time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s found, %s", units.Count(s.Entries), units.Count(s.Found), units.Size(s.Bytes))
	if s.Problems > 0 {
		b.WriteString(", " + units.Things(s.Problems, "problem", "problems"))
	}
	fmt.Fprintf(&b, ", %s %s", units.SizeRate(s.Bytes-m.last.Bytes, since), units.CountRate(s.Entries-m.last.Entries, since))
	fmt.Fprintf(&b, ", mean %s %s", units.SizeRate(s.Bytes, elapsed), units.CountRate(s.Entries, elapsed))
	b.WriteString(", " + units.Duration(elapsed))
	return b.String()
}
