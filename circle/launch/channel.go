package launch

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// The dialogue between a rank (C) and rank 0 (S), who both hold the secret K of
// the secret file. Every number is big-endian; nothing is trusted or allocated
// by what an unproven peer says, whose messages are of bounded length.
//
//  1. C -> S  protocol, nonceC
//  2. S -> C  nonceS
//  3. C -> S  length, claim (rank, size, job), HMAC(prove-C, claim)
//  4. S -> C  answer; and if that is welcome, HMAC(prove-S, claim)
//  5. C -> S  sealed record
//  6. S -> C  sealed verdict
//
// The keys prove-C, prove-S, seal-C, seal-S are HKDF-SHA256(K, nonceC|nonceS,
// name): new for every connection, so no proof and no sealed message is worth
// anything in another one. The rank proves itself first: who merely connects
// learns nothing that depends on K. Sealed is AES-256-GCM, with the number of
// the message as nonce.
const protocol = "gdcp-rendezvous-1\n"

const nonceLength = 32

// claim is who a rank says it is.
type claim struct {
	rank, size int
	job        string // the batch system's name of the job, up to 255 bytes
}

func (c claim) encode() []byte {
	job := c.job[:min(len(c.job), 255)]
	b := binary.BigEndian.AppendUint32(nil, uint32(c.rank))
	b = binary.BigEndian.AppendUint32(b, uint32(c.size))
	return append(append(b, byte(len(job))), job...)
}

func decodeClaim(b []byte) (claim, error) {
	in := reader{b: b}
	c := claim{rank: int(in.uint32()), size: int(in.uint32())}
	c.job = string(in.take(int(in.byte())))
	if in.bad || len(in.b) > 0 || c.size > MaxSize || c.rank >= c.size {
		return claim{}, errors.New("a claim that makes no sense")
	}
	return c, nil
}

// maxClaim is the length in bytes of the longest claim with its proof.
const maxClaim = 4 + 4 + 1 + 255 + sha256.Size

// keys are those of one connection.
type keys struct {
	secret, salt []byte
}

func (k keys) derive(name string) []byte {
	key, err := hkdf.Key(sha256.New, k.secret, k.salt, "gdcp rendezvous 1 "+name, sha256.Size)
	if err != nil {
		panic(err) // only for absurd lengths
	}
	return key
}

func (k keys) proof(name string, claim []byte) []byte {
	mac := hmac.New(sha256.New, k.derive(name))
	mac.Write(claim)
	return mac.Sum(nil)
}

func nonce() []byte {
	n := make([]byte, nonceLength)
	if _, err := rand.Read(n); err != nil {
		panic(err) // documented never to fail
	}
	return n
}

// channel carries sealed messages over a connection whose ends have proven
// themselves.
type channel struct {
	net.Conn
	in, out seal
}

// seal is one direction.
type seal struct {
	cipher.AEAD
	count uint64
}

func newSeal(key []byte) seal {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key's length is right
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return seal{AEAD: gcm}
}

func (s *seal) nonce() []byte {
	n := make([]byte, s.NonceSize())
	binary.BigEndian.PutUint64(n[len(n)-8:], s.count)
	s.count++
	return n
}

func (c *channel) send(message []byte) error {
	return writeFrame(c.Conn, c.out.Seal(nil, c.out.nonce(), message, nil))
}

// receive takes a message of up to limit bytes.
func (c *channel) receive(limit int) ([]byte, error) {
	sealed, err := readFrame(c.Conn, limit+c.in.Overhead())
	if err != nil {
		return nil, err
	}
	message, err := c.in.Open(nil, c.in.nonce(), sealed, nil)
	if err != nil {
		return nil, errors.New("a message was tampered with")
	}
	return message, nil
}

func writeFrame(w io.Writer, body []byte) error {
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	_, err := w.Write(append(frame, body...))
	return err
}

// readFrame takes a frame of up to limit bytes. Memory grows with what has
// come, not with what the frame says will come.
func readFrame(r io.Reader, limit int) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if uint64(n) > uint64(limit) {
		return nil, fmt.Errorf("a frame of %d bytes: at most %d", n, limit)
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && len(body) < int(n) {
		err = io.ErrUnexpectedEOF
	}
	return body, err
}

// answer is what rank 0 says to a claim.
type answer byte

const (
	welcome answer = iota
	strangerAnswer
	otherSize
	otherJob
	rankTwice
)

func (a answer) String() string {
	switch a {
	case strangerAnswer:
		return "the contents of GDCP_SECRET_FILE are not those of rank 0"
	case otherSize:
		return "rank 0 has another number of ranks (GDCP_SIZE)"
	case otherJob:
		return "rank 0 is of another job of the batch system"
	case rankTwice:
		return "another process has come with the same rank (GDCP_RANK)"
	}
	return fmt.Sprintf("rank 0 answers %d, which this version does not know", byte(a))
}

// knock is the client's part of the dialogue up to its record.
func knock(conn net.Conn, secret []byte, c claim) (*channel, error) {
	nonceC := nonce()
	if _, err := conn.Write(append([]byte(protocol), nonceC...)); err != nil {
		return nil, err
	}
	nonceS := make([]byte, nonceLength)
	if _, err := io.ReadFull(conn, nonceS); err != nil {
		return nil, err
	}
	k := keys{secret, append(nonceC, nonceS...)}
	claimed := c.encode()
	if err := writeFrame(conn, append(claimed, k.proof("prove-C", claimed)...)); err != nil {
		return nil, err
	}
	var said [1]byte
	if _, err := io.ReadFull(conn, said[:]); err != nil {
		return nil, err
	}
	if a := answer(said[0]); a != welcome {
		return nil, refusedError{a.String()}
	}
	proof := make([]byte, sha256.Size)
	if _, err := io.ReadFull(conn, proof); err != nil {
		return nil, err
	}
	if !hmac.Equal(proof, k.proof("prove-S", claimed)) {
		return nil, refusedError{"who listens there does not know the contents of GDCP_SECRET_FILE"}
	}
	return &channel{conn, newSeal(k.derive("seal-S")), newSeal(k.derive("seal-C"))}, nil
}

// refusedError is final: to try again is of no use.
type refusedError struct{ why string }

func (e refusedError) Error() string { return e.why }

// open is rank 0's part of the dialogue up to the record. judge decides on a
// claim that is proven.
func open(conn net.Conn, secret []byte, judge func(claim) answer) (*channel, claim, error) {
	hello := make([]byte, len(protocol)+nonceLength)
	if _, err := io.ReadFull(conn, hello); err != nil {
		return nil, claim{}, err
	}
	if string(hello[:len(protocol)]) != protocol {
		return nil, claim{}, errors.New("it speaks another protocol")
	}
	nonceS := nonce()
	if _, err := conn.Write(nonceS); err != nil {
		return nil, claim{}, err
	}
	k := keys{secret, append(hello[len(protocol):], nonceS...)}
	frame, err := readFrame(conn, maxClaim)
	if err != nil {
		return nil, claim{}, err
	}
	claimed, proof := frame[:max(0, len(frame)-sha256.Size)], frame[max(0, len(frame)-sha256.Size):]
	if !hmac.Equal(proof, k.proof("prove-C", claimed)) {
		return nil, claim{}, refuse(conn, strangerAnswer)
	}
	c, err := decodeClaim(claimed)
	if err != nil {
		return nil, claim{}, err
	}
	if a := judge(c); a != welcome {
		return nil, c, refuse(conn, a)
	}
	if _, err := conn.Write(append([]byte{byte(welcome)}, k.proof("prove-S", claimed)...)); err != nil {
		return nil, c, err
	}
	return &channel{conn, newSeal(k.derive("seal-C")), newSeal(k.derive("seal-S"))}, c, nil
}

func refuse(conn net.Conn, a answer) error {
	conn.Write([]byte{byte(a)}) //nolint:errcheck // who is refused is told if it listens
	return refusedError{a.String()}
}
