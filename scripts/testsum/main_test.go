package main

import (
	"strings"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name  string
		in    []string
		code  int
		want  []string
		never []string
	}{{
		name: "passes",
		in: []string{
			`{"Action":"start","Package":"gdcp/a"}`,
			`{"Action":"output","Package":"gdcp/a","Test":"TestX","Output":"    x_test.go:3: chatter\n"}`,
			`{"Action":"pass","Package":"gdcp/a","Test":"TestX"}`,
			`{"Action":"output","Package":"gdcp/a","Output":"PASS\n"}`,
			`{"Action":"output","Package":"gdcp/a","Output":"ok  \tgdcp/a\t0.1s\n"}`,
			`{"Action":"pass","Package":"gdcp/a"}`,
		},
		want:  []string{"ok  \tgdcp/a\t0.1s\n", "all tests passed: 1 packages, 1 tests passed, 0 skipped, 0 failed, in 1s\n"},
		never: []string{"chatter", "PASS"},
	}, {
		name: "a failure shows its output",
		in: []string{
			`{"Action":"output","Package":"gdcp/a","Test":"TestX","Output":"    x_test.go:3: got 1, want 2\n"}`,
			`{"Action":"fail","Package":"gdcp/a","Test":"TestX"}`,
			`{"Action":"fail","Package":"gdcp/a"}`,
		},
		code: 1,
		want: []string{"got 1, want 2", "FAILED: gdcp/a.TestX\n", "FAILED: 1 packages, 0 tests passed, 0 skipped, 1 failed"},
	}, {
		name: "a skip says why",
		in: []string{
			`{"Action":"output","Package":"gdcp/a","Test":"TestX","Output":"=== RUN   TestX\n"}`,
			`{"Action":"output","Package":"gdcp/a","Test":"TestX","Output":"    need.go:51: needs slurm: no srun\n"}`,
			`{"Action":"output","Package":"gdcp/a","Test":"TestX","Output":"--- SKIP: TestX (0.00s)\n"}`,
			`{"Action":"skip","Package":"gdcp/a","Test":"TestX"}`,
			`{"Action":"pass","Package":"gdcp/a"}`,
		},
		want: []string{"skipped: needs slurm: no srun (1: gdcp/a.TestX)\n", "1 skipped"},
	}, {
		name: "a package that dies names the tests that ran",
		in: []string{
			`{"Action":"output","Package":"gdcp/a","Test":"TestX","Output":"panic: credit underflow\n"}`,
			`{"Action":"output","Package":"gdcp/b","Test":"TestY","Output":"still well\n"}`,
			`{"Action":"fail","Package":"gdcp/a"}`,
			`{"Action":"pass","Package":"gdcp/b","Test":"TestY"}`,
			`{"Action":"pass","Package":"gdcp/b"}`,
		},
		code:  1,
		want:  []string{"--- DIED: TestX\npanic: credit underflow\n", "FAILED: gdcp/a.TestX\n", "1 failed"},
		never: []string{"still well"},
	}, {
		name: "a package that does not build",
		in: []string{
			`{"ImportPath":"gdcp/a [gdcp/a.test]","Action":"build-output","Output":"a.go:1:1: expected 'package'\n"}`,
			`{"ImportPath":"gdcp/a [gdcp/a.test]","Action":"build-fail"}`,
			`{"Action":"fail","Package":"gdcp/a","FailedBuild":"gdcp/a [gdcp/a.test]"}`,
		},
		code: 1,
		want: []string{"expected 'package'", "FAILED: gdcp/a (does not build)\n"},
	}, {
		name: "a package that fails without a test",
		in:   []string{`{"Action":"fail","Package":"gdcp/a"}`},
		code: 1,
		want: []string{"FAILED: gdcp/a\n"},
	}, {
		name: "the go command's own lines",
		in:   []string{"go: downloading example.com/x v1.0.0", "{not JSON"},
		code: 1,
		want: []string{"go: downloading example.com/x v1.0.0\n", "{not JSON\n", "NOTHING WAS TESTED"},
	}, {
		name: "nothing",
		code: 1,
		want: []string{"NOTHING WAS TESTED"},
	}} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			code := run(strings.NewReader(lines(c.in)), &out, clock())
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("no %q in:\n%s", w, out.String())
				}
			}
			for _, n := range c.never {
				if strings.Contains(out.String(), n) {
					t.Errorf("%q in:\n%s", n, out.String())
				}
			}
		})
	}
}

func lines(in []string) string {
	if len(in) == 0 {
		return ""
	}
	return strings.Join(in, "\n") + "\n"
}

// clock is a second later each time.
func clock() func() time.Time {
	at := time.Unix(0, 0)
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}
