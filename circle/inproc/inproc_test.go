package inproc_test

import (
	"sync"
	"testing"

	"gdcp/circle"
	"gdcp/circle/circletest"
	"gdcp/circle/inproc"
)

func TestTransport(t *testing.T) {
	circletest.Transports(t, func(_ *testing.T, size int) circletest.Cluster {
		w := inproc.New(size)
		trs := make([]circle.Transport, size)
		for r := range trs {
			trs[r] = w.Endpoint(r)
		}
		return circletest.Cluster{Transports: trs, Kill: w.Kill}
	})
}

// TestKillWhileMeeting: a rank that is killed in the middle of its first
// message to another is reported lost there, or was never heard of.
func TestKillWhileMeeting(t *testing.T) {
	met := 0
	for range 5_000 {
		w := inproc.New(2)
		var both sync.WaitGroup
		both.Go(func() { w.Endpoint(0).Send(1, nil) })
		both.Go(func() { w.Kill(0) })
		both.Wait()
		_ = w.Endpoint(1).Close()
		var got []circle.Packet
		for pk := range w.Endpoint(1).Packets() {
			got = append(got, pk)
		}
		if n := len(got); n > 0 {
			met++
			if n != 2 || got[0].Lost != nil || got[1].Lost == nil {
				t.Fatalf("%d packets: %v; want none, or a message and a loss", n, got)
			}
		}
	}
	if met == 0 {
		t.Error("the message never came before the end")
	}
}
