package circle

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the transcripts in testdata should say, instead of checking it")

// TestTranscripts plays testdata/*.txt. A transcript is paragraphs; each is
// commands, one a line, then a line of dashes, then what they print. Lines that
// begin with # are for the reader. The commands are those of interpreter.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(string(want))
			switch {
			case got == string(want):
			case *update:
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("%s is not what happens now (-update writes it):\n%s", file, firstDifference(string(want), got))
			}
		})
	}
}

// play returns the transcript of the commands in text.
func play(text string) string {
	var out strings.Builder
	in := new(interpreter)
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		commands, _, _ := strings.Cut(paragraph+"\n", "\n----\n")
		var printed strings.Builder
		silent := true
		for line := range strings.Lines(commands) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				printed.WriteString(in.do(line))
				silent = false
			}
		}
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		out.WriteString(strings.TrimRight(commands, "\n") + "\n")
		if !silent {
			out.WriteString("----\n" + printed.String())
		}
	}
	return out.String()
}

// firstDifference shows where two texts part, with the lines before.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < min(len(w), len(g)) && w[i] == g[i] {
		i++
	}
	from, line := max(0, i-8), func(s []string) string {
		if i < len(s) {
			return s[i]
		}
		return "(end)"
	}
	return strings.Join(w[from:min(i, len(w))], "\n") + "\n- " + line(w) + "\n+ " + line(g)
}
