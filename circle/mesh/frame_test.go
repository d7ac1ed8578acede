package mesh

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"gdcp/circle"
)

func frameOf(k kind, body []byte) []byte {
	h := header(k, len(body))
	return append(h[:], body...)
}

func TestFrame(t *testing.T) {
	for k := kindData; k < kindEnd; k++ {
		got, n, err := parseHeader(header(k, 0))
		if err != nil || got != k || n != 0 {
			t.Errorf("kind %d: %d, %d bytes, %v", k, got, n, err)
		}
	}
	if _, n, err := parseHeader(header(kindData, circle.MaxMessage)); err != nil || n != circle.MaxMessage {
		t.Errorf("the longest message: %d bytes, %v", n, err)
	}
	for name, h := range map[string][headerSize]byte{
		"no kind":             header(0, 0),
		"unknown kind":        header(kindEnd, 0),
		"too long":            header(kindData, circle.MaxMessage+1),
		"as long as it gets":  {byte(kindData), 255, 255, 255},
		"a ping with a body":  header(kindPing, 1),
		"an accept with some": header(kindAccept, 1),
	} {
		if k, n, err := parseHeader(h); err == nil {
			t.Errorf("%s: taken as kind %d with %d bytes", name, k, n)
		}
	}
}

// FuzzFrames: a stream of any bytes is read to its end without more memory
// than one message takes, and what was read are the frames it was made of.
func FuzzFrames(f *testing.F) {
	f.Add(append(frameOf(kindPing, nil), frameOf(kindData, []byte("hello"))...))
	f.Add(frameOf(kindData, make([]byte, 1000)))
	f.Add([]byte{byte(kindData), 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		var again []byte
		for {
			k, body, err := readFrame(r)
			if err != nil {
				break
			}
			again = append(again, frameOf(k, body)...)
		}
		if !bytes.HasPrefix(b, again) {
			t.Errorf("%x was read as %x", b, again)
		}
	})
}

// TestFrameTooLong: the length is checked before memory is had for it.
func TestFrameTooLong(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 1000 {
		if _, _, err := readFrame(io.MultiReader(bytes.NewReader([]byte{byte(kindData), 255, 255, 255}), neverEnding{})); err == nil {
			t.Fatal("a frame beyond MaxMessage was taken")
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("refusing 1000 frames took %d bytes of memory", n)
	}
}

type neverEnding struct{}

func (neverEnding) Read(b []byte) (int, error) { return len(b), nil }
