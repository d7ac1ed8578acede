package fsys_test

import (
	"strings"
	"testing"
	"unicode"

	"gdcp/walker/fsys"
)

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		"plain/Grüße 你好": "plain/Grüße 你好",
		`back\slash`:     `back\\slash`,
		"new\nline\t":    `new\nline\t`,
		" both ":         `\x20both\x20`,
		" ":              `\x20`,
		"\x1b[31m":       `\x1b[31m`,
		"\xff\xfe":       `\xff\xfe`,
		"\u202egnp.exe":  `\xe2\x80\xaegnp.exe`, // right to left
		"\u00a0":         `\xc2\xa0`,            // a space that is none
		"\ufffd":         "\ufffd",              // the replacement character itself, not broken UTF-8
		"'\"$*":          "'\"$*",
	} {
		got := fsys.Quote(in)
		if got != want {
			t.Errorf("%q is quoted as %s, want %s", in, got, want)
		}
		if back, err := fsys.Unquote(got); err != nil || back != in {
			t.Errorf("%s is read back as %q, %v, want %q", got, back, err, in)
		}
	}
}

func TestUnquoteRefuses(t *testing.T) {
	for _, s := range []string{`\`, `a\`, `\q`, `\x`, `\x1`, `\xgg`, `\x1G`, `\xAB`} {
		if got, err := fsys.Unquote(s); err == nil {
			t.Errorf("%s is read as %q", s, got)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"plain", " a ", "\\n", "\n\\", "\xff", "\u202e", "é\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := fsys.Quote(s)
		if back, err := fsys.Unquote(q); err != nil || back != s {
			t.Errorf("%q is quoted as %s, which is read back as %q, %v", s, q, back, err)
		}
		if i := strings.IndexFunc(q, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q is quoted as %q, with something at %d that does not print", s, q, i)
		}
		if strings.TrimSpace(q) != q {
			t.Errorf("%q is quoted as %q, with space around it", s, q)
		}
	})
}

func FuzzUnquote(f *testing.F) {
	f.Add(`a\x00\n\\`)
	f.Fuzz(func(t *testing.T, s string) {
		plain, err := fsys.Unquote(s)
		if err != nil {
			return
		}
		if again, err := fsys.Unquote(fsys.Quote(plain)); err != nil || again != plain {
			t.Errorf("%q means %q, which comes back as %q, %v", s, plain, again, err)
		}
	})
}

func BenchmarkQuotePlain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		fsys.Quote("a/usual/path/of some length/file-123.txt")
	}
}
