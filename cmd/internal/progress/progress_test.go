package progress

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gdcp/cmd/internal/tui"
)

// run shows a sample every 250 ms, as a job does, for two and a half seconds.
func run(t *testing.T, every time.Duration, width func() int) string {
	var err strings.Builder
	synctest.Test(t, func(*testing.T) {
		m := New(tui.New("gdcp", &strings.Builder{}, &err, width), every)
		for i := range int64(10) {
			time.Sleep(250 * time.Millisecond) //nolint:forbidigo // virtual time
			m.Show(Sample{Found: 100 * (i + 1), Entries: 50 * (i + 1) * (i + 1), Bytes: (i + 1) << 20, Problems: i / 7})
		}
		m.Stop()
	})
	return err.String()
}

func TestLines(t *testing.T) {
	want := "gdcp: 800 of 400 found, 4 MiB, 4 MiB/s 800/s, mean 4 MiB/s 800/s, 1.0 s\n" +
		"gdcp: 3,200 of 800 found, 8 MiB, 1 problem, 4 MiB/s 2,400/s, mean 4 MiB/s 1,600/s, 2.0 s\n"
	if got := run(t, time.Second, nil); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestStatusLine(t *testing.T) {
	got := run(t, 2*time.Second, func() int { return 25 })
	if want := "\rgdcp: 3,200 of 800 found\x1b[K\r\x1b[K"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNeverAndTooShort(t *testing.T) {
	for _, every := range []time.Duration{0, time.Minute} {
		if got := run(t, every, nil); got != "" {
			t.Errorf("every %v: %q, want nothing", every, got)
		}
	}
}

// Samples that come a little late do not shift the lines after them.
func TestLinesDoNotDrift(t *testing.T) {
	var err strings.Builder
	synctest.Test(t, func(*testing.T) {
		m := New(tui.New("gdcp", &strings.Builder{}, &err, nil), time.Second)
		for range 40 {
			time.Sleep(260 * time.Millisecond) //nolint:forbidigo // virtual time
			m.Show(Sample{})
		}
	})
	if n := strings.Count(err.String(), "\n"); n != 10 {
		t.Errorf("%d lines in 10.4 s, want 10:\n%s", n, err.String())
	}
}
