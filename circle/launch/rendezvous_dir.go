package launch

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A rendezvous in a directory. Rank 0 draws a number for the meeting:
//
//  1. Rank 0 removes what an earlier meeting left, and writes gdcp-meeting, with
//     the number. Until all have come it looks whether that is still its own.
//  2. The others read the number, draw a token, and write their record as
//     gdcp-NUMBER-RANK-TOKEN. If the number changes, they do it again: what they
//     had read was left over.
//  3. When all are there, rank 0 writes gdcp-NUMBER-verdict: all tokens and
//     records. A rank believes a verdict that has the very token it has drawn.
//  4. The others remove their files; when all are gone, rank 0 removes the rest,
//     so that the secret does not stay on disk.
//
// The directory must be this user's alone, so that file permissions are the
// proof. Files appear whole: written under another name, and renamed.
const (
	meetingFile   = "gdcp-meeting"
	verdictSuffix = "verdict"
)

// The lengths in bytes of a rank's token, and of a meeting's number, which is
// written in hex.
const (
	tokenLength  = 16
	numberLength = 16
)

// venue is the directory, as one rank uses it.
type venue struct {
	root *os.Root
	m    meeting
	// the time between two looks; it grows
	wait time.Duration
}

// meetDirectory exchanges in a directory that all ranks see.
func meetDirectory(ctx context.Context, m meeting, place string, blob []byte) ([][]byte, error) {
	v, err := openVenue(m, place)
	if err != nil {
		return nil, fmt.Errorf("GDCP_RENDEZVOUS: %w", err)
	}
	defer v.root.Close() //nolint:errcheck // nothing is written through it
	meet := v.attend
	if m.Rank == 0 {
		meet = v.host
	}
	result, err := meet(ctx, blob)
	if err != nil {
		return nil, err
	}
	return result.outcome(m)
}

// openVenue makes the directory where it is not there.
func openVenue(m meeting, place string) (*venue, error) {
	if err := os.Mkdir(place, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	root, err := os.OpenRoot(place)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err == nil {
		err = private(info)
	}
	if err != nil {
		root.Close() //nolint:errcheck // nothing was done with it
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	return &venue{root: root, m: m, wait: 5 * time.Millisecond}, nil
}

// pause waits until it is time to look again.
func (v *venue) pause(ctx context.Context) bool {
	v.wait = min(v.wait*5/4, 250*time.Millisecond)
	return pause(ctx, v.wait)
}

// names lists the directory. It is opened anew each time: that is what makes an
// NFS client ask the server, and forget which names were not there before.
func (v *venue) names() ([]string, error) {
	dir, err := v.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	return dir.Readdirnames(-1)
}

// read returns a file of up to limit bytes.
func (v *venue) read(name string, limit int) ([]byte, error) {
	f, err := v.root.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > int64(limit) {
		return nil, fmt.Errorf("%s is not a file of a rendezvous", filepath.Join(v.root.Name(), name))
	}
	return io.ReadAll(io.LimitReader(f, int64(limit)))
}

// write makes a file appear whole.
func (v *venue) write(name string, data []byte) error {
	temporary := name + "." + hex.EncodeToString(nonce()[:8])
	f, err := v.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = v.root.Rename(temporary, name)
	}
	if err != nil {
		v.root.Remove(temporary) //nolint:errcheck // the first error says more
	}
	return err
}

// remove is for what may be gone already, and whose staying does no harm.
func (v *venue) remove(names ...string) {
	for _, n := range names {
		v.root.Remove(n) //nolint:errcheck // see above
	}
}

// left tells whether a file may be what an earlier meeting has left.
func left(name string) bool {
	rest, ok := strings.CutPrefix(name, "gdcp-")
	if !ok {
		return false
	}
	number, _, ok := strings.Cut(rest, "-")
	return strings.HasPrefix(name, meetingFile) || ok && isNumber(number)
}

func isNumber(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == numberLength
}

// announcement is what gdcp-meeting holds. A meeting of another size or another
// job of the batch system is none of ours.
func (v *venue) announcement(number string) string {
	return fmt.Sprintf("gdcp rendezvous 1\n%s\n%d\n%s\n", number, v.m.Size, v.m.Name)
}

// maxAnnouncement bounds it, in bytes.
const maxAnnouncement = 512

// announces tells whether the meeting that is announced is still this one.
func (v *venue) announces(number string) bool {
	b, err := v.read(meetingFile, maxAnnouncement)
	return err == nil && string(b) == v.announcement(number)
}

func fileOf(number, what string) string { return "gdcp-" + number + "-" + what }

func rankFile(number string, rank int, token string) string {
	return fileOf(number, strconv.Itoa(rank)+"-"+token)
}

// parseRankFile is whose file of a meeting name is.
func parseRankFile(number, name string) (rank int, token string, ok bool) {
	rest, ok := strings.CutPrefix(name, fileOf(number, ""))
	digits, token, cut := strings.Cut(rest, "-")
	rank, err := strconv.Atoi(digits)
	return rank, token, ok && cut && err == nil && rank >= 0 && isToken(token)
}

func isToken(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == tokenLength
}

// minutes is what the file with the verdict holds.
type minutes struct {
	tokens  []string // of those who came, by which they know that it is about them
	verdict verdict
}

// maxTokens is how many tokens are kept: more than ranks, because a process too
// many has to learn about itself.
func maxTokens(size int) int { return 2*size + 16 }

func (m minutes) encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(m.tokens)))
	for _, t := range m.tokens {
		raw, _ := hex.DecodeString(t) // it is one: see isToken
		b = append(b, raw...)
	}
	return append(b, m.verdict.encode()...)
}

func decodeMinutes(b []byte, size int) (m minutes, err error) {
	in := reader{b: b}
	n := int(in.uint32())
	if n > maxTokens(size) {
		return minutes{}, errVerdict
	}
	for range n {
		m.tokens = append(m.tokens, hex.EncodeToString(in.fixed(tokenLength)))
	}
	if in.bad {
		return minutes{}, errVerdict
	}
	m.verdict, err = decodeVerdict(in.b, size)
	return m, err
}
