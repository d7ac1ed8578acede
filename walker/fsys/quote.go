package fsys

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote writes a name or path, which may hold any bytes, so that it stands on
// one line and can be read back: what prints as itself stays; a backslash is
// doubled; newline and tab are \n and \t; every other byte that does not print
// (control characters, broken UTF-8, characters that change the direction of
// writing) is \x and two hexadecimal digits, and so is a space at either end.
// Most names come out as they are, without an allocation.
func Quote(path string) string {
	if plain(path) {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); {
		r, n := utf8.DecodeRuneInString(path[i:])
		piece := path[i : i+n]
		edge := i == 0 || i+n == len(path)
		i += n
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case !prints(r, n) || r == ' ' && edge:
			for _, c := range []byte(piece) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			b.WriteString(piece)
		}
	}
	return b.String()
}

// Unquote is the inverse of Quote. It also takes \x escapes that Quote would
// not have made.
func Unquote(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b, i = append(b, s[i]), i+1
			continue
		}
		c, n, ok := unescape(s[i+1:])
		if !ok {
			return "", fmt.Errorf("%q is not a quoted name: a backslash at byte %d begins no escape", s, i)
		}
		b, i = append(b, c), i+1+n
	}
	return string(b), nil
}

// unescape reads what follows a backslash: the byte it means and its length.
func unescape(s string) (c byte, n int, ok bool) {
	if s == "" {
		return 0, 0, false
	}
	switch s[0] {
	case '\\':
		return '\\', 1, true
	case 'n':
		return '\n', 1, true
	case 't':
		return '\t', 1, true
	case 'x':
		if len(s) < 3 {
			return 0, 0, false
		}
		hi, lo := hexDigit(s[1]), hexDigit(s[2])
		return byte(hi<<4 | lo), 3, hi >= 0 && lo >= 0
	}
	return 0, 0, false
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c) }

func plain(s string) bool {
	if s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
		return false
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '\\' || !prints(r, n) {
			return false
		}
		i += n
	}
	return true
}

// prints says whether a decoded rune shows as itself; n is its length.
func prints(r rune, n int) bool {
	return unicode.IsPrint(r) && !(r == utf8.RuneError && n == 1)
}
