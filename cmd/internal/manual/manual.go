// Package manual makes a manual page of a command's help text, so that there is
// one source of both.
//
// The text has this form:
//
//	NAME - what it does
//
//	Usage:
//	  lines that stay as they are
//
//	Paragraphs.
//
//	A heading:
//	  -o, --option VALUE   what it means, which may go on
//	                       on further lines
//	  paragraphs
//
//	Examples:
//	  lines that stay as they are
//
// What stands between two spaces at the least is a table: an option and its
// meaning, an exit code and its meaning.
package manual

import (
	"fmt"
	"strings"
)

// Page returns the page, in the language of man(7), for section 1.
func Page(name, help string) string {
	blocks := strings.Split(strings.TrimSpace(help), "\n\n")
	p := &page{}
	p.put(".\\\" Made of %s --help; do not edit.", name)
	p.put(".TH %s 1", strings.ToUpper(name))
	p.put(".SH NAME")
	p.put("%s", escape(blocks[0]))
	for i, b := range blocks[1:] {
		lines := strings.Split(b, "\n")
		if heading, ok := strings.CutSuffix(lines[0], ":"); ok && len(lines) > 1 {
			p.section(heading, lines[1:])
			continue
		}
		if i == 1 { // behind the synopsis
			p.put(".SH DESCRIPTION")
		} else {
			p.put(".PP")
		}
		p.rows(lines)
	}
	return p.String()
}

// page is a page as it grows.
type page struct{ strings.Builder }

func (p *page) put(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) section(heading string, lines []string) {
	if heading == "Usage" {
		heading = "Synopsis"
	}
	p.put(".SH %s", escape(strings.ToUpper(heading)))
	if heading != "Synopsis" && heading != "Examples" {
		p.rows(lines)
		return
	}
	p.put(".nf")
	for _, l := range lines {
		p.put("%s", escape(strings.TrimSpace(l)))
	}
	p.put(".fi")
}

// maxIndent is the deepest indent of the first line of a row.
const maxIndent = 6

// rows puts lines of text, and rows of tables: an indented line that begins
// with an option, or has a gap in it.
func (p *page) rows(lines []string) {
	for _, line := range lines {
		text := strings.TrimLeft(line, " ")
		indent := len(line) - len(text)
		tag, meaning, hasGap := strings.Cut(text, "  ")
		if indent == 0 || indent > maxIndent || !hasGap && !strings.HasPrefix(text, "-") {
			p.put("%s", escape(text))
			continue
		}
		p.put(".TP\n\\fB%s\\fR", escape(tag))
		if meaning = strings.TrimLeft(meaning, " "); meaning != "" {
			p.put("%s", escape(meaning))
		}
	}
}

// escape writes text so that nothing in it is a command of man(7).
func escape(text string) string {
	text = strings.ReplaceAll(text, `\`, `\e`)
	text = strings.ReplaceAll(text, "-", `\-`)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
