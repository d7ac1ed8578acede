package launch

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// attend is the part of all ranks but 0 in a meeting in a directory.
func (v *venue) attend(ctx context.Context, blob []byte) (verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, v.m.Timeout+overtime)
	defer cancel()
	var number, token string // of the meeting for which this rank has written its file
	for {
		now, err := v.announced()
		if err == nil && now != number {
			fresh := hex.EncodeToString(nonce()[:tokenLength])
			if err = v.write(rankFile(now, v.m.Rank, fresh), blob); err == nil {
				number, token = now, fresh
			}
		}
		if number != "" {
			if result, about := v.result(number, token); about {
				v.remove(rankFile(number, v.m.Rank, token))
				return result, nil
			}
		}
		if !v.pause(ctx) {
			v.remove(rankFile(number, v.m.Rank, token))
			return verdict{}, absent(ctx, v.m, err)
		}
	}
}

// announced returns the number of the meeting, which may be one that is over.
func (v *venue) announced() (string, error) {
	if _, err := v.names(); err != nil { // see names
		return "", err
	}
	b, err := v.read(meetingFile, maxAnnouncement)
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) < 2 || !isNumber(lines[1]) || string(b) != v.announcement(lines[1]) {
		return "", fmt.Errorf("who meets in %s is another job: %q", v.root.Name(), lines)
	}
	return lines[1], nil
}

// result is the verdict, if there is one and it is about this very process.
func (v *venue) result(number, token string) (result verdict, about bool) {
	limit := 4 + maxTokens(v.m.Size)*tokenLength + maxVerdict(v.m.Size)
	b, err := v.read(fileOf(number, verdictSuffix), limit)
	if err != nil {
		return verdict{}, false
	}
	all, err := decodeMinutes(b, v.m.Size)
	return all.verdict, err == nil && slices.Contains(all.tokens, token)
}
