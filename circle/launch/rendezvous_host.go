package launch

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
)

// arrivals is who has come to a meeting in a directory, as rank 0 sees it.
type arrivals struct {
	v      *venue
	number string
	blobs  [][]byte // by rank; nil for those who have not come
	tokens []string // of all who have come
	names  map[string]bool
}

// host is rank 0's part of a rendezvous in a directory.
func (v *venue) host(ctx context.Context, blob []byte) (verdict, error) {
	if err := v.sweep(); err != nil {
		return verdict{}, err
	}
	a := &arrivals{v: v, number: hex.EncodeToString(nonce()[:numberLength]),
		blobs: make([][]byte, v.m.Size), names: make(map[string]bool)}
	a.blobs[0] = blob
	if err := v.write(meetingFile, []byte(v.announcement(a.number))); err != nil {
		return verdict{}, a.reason(err)
	}
	result := a.await(ctx)
	err := v.write(fileOf(a.number, verdictSuffix), minutes{a.tokens, result}.encode())
	if err != nil && result.failure == "" {
		return verdict{}, a.reason(err)
	}
	if err := a.clear(ctx); err != nil && result.failure == "" {
		return verdict{}, err
	}
	if ctx.Err() != nil && result.blobs == nil {
		return verdict{}, context.Cause(ctx)
	}
	return result, nil
}

// sweep removes what earlier meetings have left.
func (v *venue) sweep() error {
	names, err := v.names()
	for _, n := range names {
		if left(n) {
			v.remove(n)
		}
	}
	return err
}

// await waits for the files of all ranks.
func (a *arrivals) await(ctx context.Context) verdict {
	limited, cancel := context.WithTimeout(ctx, a.v.m.Timeout)
	defer cancel()
	for {
		err := a.look()
		missing := absentees(a.blobs)
		switch {
		case err != nil:
			return verdict{failure: a.reason(err).Error()}
		case len(missing) == 0:
			return verdict{blobs: a.blobs}
		case a.v.pause(limited):
		case ctx.Err() != nil:
			return verdict{failure: "rank 0 was stopped: " + context.Cause(ctx).Error()}
		default:
			return verdict{missing: missing}
		}
	}
}

// look takes what has come since the last look.
func (a *arrivals) look() error {
	names, err := a.v.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		rank, token, ok := parseRankFile(a.number, name)
		if !ok || a.names[name] || rank == 0 || rank >= a.v.m.Size {
			continue
		}
		a.names[name] = true
		if len(a.tokens) < maxTokens(a.v.m.Size) {
			a.tokens = append(a.tokens, token)
		}
		if a.blobs[rank] != nil {
			return fmt.Errorf("two processes have come as rank %d (GDCP_RANK)", rank)
		}
		if a.blobs[rank], err = a.v.read(name, maxRecord); err != nil {
			return err
		}
	}
	return a.reason(nil)
}

// reason is err, or what explains it: the rank 0 of another job has swept away
// our files. Its announcement then stands, or none does.
func (a *arrivals) reason(err error) error {
	if !a.v.announces(a.number) {
		return fmt.Errorf("another job has begun to meet in the same directory, %s", a.v.root.Name())
	}
	return err
}

// clear waits, for a while, until all have read the verdict and have removed
// their files, and removes the rest. It is an error if another job may have
// removed them.
func (a *arrivals) clear(ctx context.Context) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), overtime)
	defer cancel()
	for {
		var files []string
		names, err := a.v.names()
		ranks := 0
		for _, n := range names {
			if _, _, ok := parseRankFile(a.number, n); ok {
				ranks++
			}
			if strings.HasPrefix(n, fileOf(a.number, "")) {
				files = append(files, n)
			}
		}
		if err == nil && ranks > 0 && a.v.pause(limited) {
			continue
		}
		a.v.remove(files...)
		if err := a.reason(nil); err != nil {
			return err
		}
		a.v.remove(meetingFile)
		return nil
	}
}
