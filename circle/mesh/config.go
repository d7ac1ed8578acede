package mesh

import (
	"errors"
	"fmt"
	"time"
)

// Config says how a rank's mesh behaves. The zero value is right for a job.
type Config struct {
	// Net is which network to use: "auto" (or empty), interfaces ("ib0",
	// "ib0,ib1") or networks ("10.1.0.0/16"), or a list of these.
	Net string

	// PingEvery is after how long without a frame to a peer it is sent a
	// ping, DeadAfter after how long without a byte from it it is lost.
	// Defaults 2 s and 8 s. A loss is noticed DeadAfter + PingEvery/2 after
	// the last sign of life at the latest.
	PingEvery, DeadAfter time.Duration

	// ConnectTimeout bounds the dialing of a peer, all attempts at all its
	// addresses and the handshakes together. Default 9 s.
	ConnectTimeout time.Duration

	// HelloTimeout is how long a stranger may take for its hello, and
	// MaxStrangers is how many there may be at once; more wait in the
	// kernel's queue. With half of the places taken the time is an eighth.
	// Defaults 2 s and 512.
	HelloTimeout time.Duration
	MaxStrangers int

	// FlushTimeout is how long Close waits for what is queued. Default 1 s.
	FlushTimeout time.Duration

	// Logf, if not nil, is told of connections made and refused. It may be
	// called by several goroutines at once.
	Logf func(format string, args ...any)
}

func (c Config) withDefaults() Config {
	def := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.PingEvery, 2*time.Second)
	def(&c.DeadAfter, 8*time.Second)
	def(&c.ConnectTimeout, 9*time.Second)
	def(&c.HelloTimeout, 2*time.Second)
	def(&c.FlushTimeout, time.Second)
	if c.MaxStrangers == 0 {
		c.MaxStrangers = 512
	}
	if c.Logf == nil {
		c.Logf = func(string, ...any) {}
	}
	return c
}

func (c Config) validate() error {
	switch {
	case c.PingEvery < 0, c.ConnectTimeout < 0, c.HelloTimeout < 0, c.FlushTimeout < 0, c.MaxStrangers < 0:
		return errors.New("mesh: a bound is negative")
	case c.DeadAfter < 2*c.PingEvery:
		return fmt.Errorf("mesh: lost after %v without a sign of life, but one is sent only every %v", c.DeadAfter, c.PingEvery)
	}
	return nil
}
