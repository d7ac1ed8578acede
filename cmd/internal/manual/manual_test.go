package manual

import "testing"

func TestPage(t *testing.T) {
	const help = `cat - puts files together

Usage:
  cat [OPTION]... FILE
  a | cat

Prints files.
.or not, C:\

Options:
  -n, --number         number lines,
                       from 1 on
      --a-long-option  a
  -v                   b

Exit status:
  0   fine
  10  not

'tis the end.

Examples:
  cat  -n x
`
	const want = `.\" Made of cat --help; do not edit.
.TH CAT 1
.SH NAME
cat \- puts files together
.SH SYNOPSIS
.nf
cat [OPTION]... FILE
a | cat
.fi
.SH DESCRIPTION
Prints files.
\&.or not, C:\e
.SH OPTIONS
.TP
\fB\-n, \-\-number\fR
number lines,
from 1 on
.TP
\fB\-\-a\-long\-option\fR
a
.TP
\fB\-v\fR
b
.SH EXIT STATUS
.TP
\fB0\fR
fine
.TP
\fB10\fR
not
.PP
\&'tis the end.
.SH EXAMPLES
.nf
cat  \-n x
.fi
`
	if got := Page("cat", help); got != want {
		t.Errorf("got:\n%s", got)
	}
}
