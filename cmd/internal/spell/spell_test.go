package spell

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"preserve", "no-preserve", "xattrs", "bufsize", "chunksize", "dry-run", "verbose", "quiet", "workers", "net"}
	for in, want := range map[string]string{
		"preserv": "preserve", "presreve": "preserve", "Verbose": "verbose", "nopreserve": "no-preserve", "xattr": "xattrs",
		"buf-size": "bufsize", "worker": "workers", "dryrun": "dry-run", "quite": "quiet", "nets": "net",
		"": "", "q": "", "archive": "", "recursive": "", "zzz": "",
	} {
		if got := Nearest(in, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"ab", "ba", 1}, {"abc", "axc", 1}, {"kitten", "sitting", 3}, {"abcd", "abcd", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
