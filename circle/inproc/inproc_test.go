package inproc_test

import (
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
