package mesh

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Before TLS, and cheap enough to be done for anybody: A sends challengeSize
// bytes, D answers with helloSize bytes.
const (
	magic         = "gdcpmsh1" // this protocol and its version
	challengeSize = len(magic) + 32
	helloSize     = len(magic) + 4 + 4 + sha256.Size
)

var (
	errNotMesh = errors.New("what answers is not a rank of this version")
	errHello   = errors.New("a hello that is not of this job, not for this rank, or not for this challenge")
)

func newChallenge() (c [challengeSize]byte) {
	copy(c[:], magic)
	_, _ = rand.Read(c[len(magic):]) // never fails
	return c
}

// makeHello answers a challenge: it says who dials whom, and proves that it is
// said now and by one who knows the secret.
func (k *keys) makeHello(challenge [challengeSize]byte, from, to int) (h [helloSize]byte) {
	b := append(h[:0], magic...)
	b = binary.BigEndian.AppendUint32(b, uint32(from))
	b = binary.BigEndian.AppendUint32(b, uint32(to))
	copy(h[len(b):], k.sum(challenge, b))
	return h
}

func (k *keys) sum(challenge [challengeSize]byte, said []byte) []byte {
	mac := hmac.New(sha256.New, k.hello)
	mac.Write(challenge[:])
	mac.Write(said)
	return mac.Sum(nil)
}

// checkHello returns the rank that dials this one.
func (k *keys) checkHello(challenge [challengeSize]byte, h [helloSize]byte, size int) (from int, err error) {
	said := h[:len(h)-sha256.Size]
	if !hmac.Equal(h[len(said):], k.sum(challenge, said)) {
		return 0, errHello
	}
	f := binary.BigEndian.Uint32(said[len(magic):])
	t := binary.BigEndian.Uint32(said[len(magic)+4:])
	if string(said[:len(magic)]) != magic || uint64(f) >= uint64(size) || int(f) == k.rank || uint64(t) != uint64(k.rank) {
		return 0, errHello
	}
	return int(f), nil
}

// answer is D's part: it waits for the challenge and answers it.
func (k *keys) answer(conn io.ReadWriter, to int) error {
	var challenge [challengeSize]byte
	if _, err := io.ReadFull(conn, challenge[:]); err != nil {
		return fmt.Errorf("wait for a challenge: %w", err)
	}
	if !slices.Equal(challenge[:len(magic)], []byte(magic)) {
		return errNotMesh
	}
	h := k.makeHello(challenge, k.rank, to)
	if _, err := conn.Write(h[:]); err != nil {
		return fmt.Errorf("answer the challenge: %w", err)
	}
	return nil
}

// ask is A's part: it returns which rank the stranger has proved to be.
func (k *keys) ask(conn io.ReadWriter, size int) (from int, err error) {
	challenge := newChallenge()
	if _, err := conn.Write(challenge[:]); err != nil {
		return 0, fmt.Errorf("challenge: %w", err)
	}
	var h [helloSize]byte
	if _, err := io.ReadFull(conn, h[:]); err != nil {
		return 0, fmt.Errorf("wait for a hello: %w", err)
	}
	return k.checkHello(challenge, h, size)
}

// lobby bounds the strangers. The fuller it is, the shorter they may stay, so
// that many who say nothing cannot keep those out who have something to say.
type lobby struct {
	places chan struct{}
	stay   time.Duration
}

func newLobby(places int, stay time.Duration) lobby {
	return lobby{make(chan struct{}, places), stay}
}

// enter waits for a place and returns how long it may be held; false means
// that done was closed.
func (l lobby) enter(done <-chan struct{}) (time.Duration, bool) {
	select {
	case l.places <- struct{}{}:
	case <-done:
		return 0, false
	}
	if len(l.places) > cap(l.places)/2 {
		return l.stay / 8, true
	}
	return l.stay, true
}

func (l lobby) leave() { <-l.places }
