package launch

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"
)

// meetRendezvous exchanges at the place that GDCP_RENDEZVOUS names: an absolute
// path is a directory that all ranks see, anything else is host:port of rank 0.
func meetRendezvous(ctx context.Context, m meeting) (met, error) {
	place := m.getenv("GDCP_RENDEZVOUS")
	meet := meetTCP
	if filepath.IsAbs(place) {
		meet = meetDirectory
	} else if _, _, err := net.SplitHostPort(place); err != nil {
		return met{}, fmt.Errorf("GDCP_RENDEZVOUS=%q: want host:port of rank 0, or the absolute path of a shared directory", place)
	}
	blobs, err := meet(ctx, m, place, m.publish(m.Rank))
	return met{rank: m.Rank, size: m.Size, blobs: blobs}, err
}

// verdict is how the rendezvous ended, as rank 0 tells it to all others.
type verdict struct {
	blobs   [][]byte // what each rank published, by rank
	missing []int    // the ranks that did not come in time; then there are no blobs
	failure string   // why it failed otherwise; then there are no blobs
}

const (
	verdictMet     = 'm'
	verdictMissing = 'x'
	verdictFailed  = 'f'
)

// maxVerdict is the length in bytes of the longest verdict of a job.
func maxVerdict(size int) int { return 64 + 512 + size*(4+maxRecord) }

func (v verdict) encode() []byte {
	var b []byte
	number := func(n int) { b = binary.BigEndian.AppendUint32(b, uint32(n)) }
	text := func(s []byte) { number(len(s)); b = append(b, s...) }
	switch {
	case v.failure != "":
		b = append(b, verdictFailed)
		text([]byte(v.failure[:min(len(v.failure), 512)]))
	case len(v.missing) > 0:
		b = append(b, verdictMissing)
		number(len(v.missing))
		for _, r := range v.missing {
			number(r)
		}
	default:
		b = append(b, verdictMet)
		number(len(v.blobs))
		for _, blob := range v.blobs {
			text(blob)
		}
	}
	return b
}

var errVerdict = errors.New("what rank 0 says about the rendezvous makes no sense")

// decodeVerdict takes a verdict about a job of size ranks.
func decodeVerdict(b []byte, size int) (v verdict, err error) {
	in := reader{b: b}
	switch in.byte() {
	case verdictFailed:
		v.failure = string(in.take(int(in.uint32())))
		in.bad = in.bad || v.failure == ""
	case verdictMissing:
		v.missing, in.bad = in.ranks(size)
	case verdictMet:
		if int(in.uint32()) != size {
			return verdict{}, errVerdict
		}
		for range size {
			v.blobs = append(v.blobs, in.take(int(in.uint32())))
		}
	default:
		return v, errVerdict
	}
	if in.bad || len(in.b) > 0 {
		return verdict{}, errVerdict
	}
	return v, nil
}

// ranks takes a list of ascending ranks that is not empty.
func (r *reader) ranks(size int) (list []int, bad bool) {
	n, last := int(r.uint32()), -1
	for range min(n, size) {
		rank := int(r.uint32())
		if rank <= last || rank >= size {
			return nil, true
		}
		list, last = append(list, rank), rank
	}
	return list, r.bad || n < 1 || n > size
}

// outcome is the verdict as what a meeting returns.
func (v verdict) outcome(m meeting) ([][]byte, error) {
	switch {
	case v.failure != "":
		return nil, errors.New(v.failure)
	case len(v.missing) > 0:
		return nil, &MissingError{Ranks: v.missing, Size: m.Size, After: m.Timeout}
	}
	return v.blobs, nil
}

// overtime is how much longer the others wait than rank 0, so that it is rank 0
// who says which ranks are missing.
const overtime = 3 * time.Second

// absent says that rank 0 was not there.
func absent(ctx context.Context, m meeting, last error) error {
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	missing := &MissingError{Ranks: []int{0}, Size: m.Size, After: m.Timeout}
	if last == nil {
		return missing
	}
	return fmt.Errorf("%w; the last try: %w", missing, last)
}

// pause waits, and tells whether there is time left.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
