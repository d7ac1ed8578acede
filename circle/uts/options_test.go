package main

import (
	"errors"
	"strings"
	"testing"

	"gdcp/circle/uts/internal/tree"
)

func TestParse(t *testing.T) {
	got, err := parse(strings.Fields("-t 2 -a 3 -d 16 -b 6.5 -r 1 -q 0.234375 -m 3 -f 0.25 -g 2 -c 10 -i 50 -n 4 -w 2 -v 0 --transport mesh"))
	if err != nil {
		t.Fatal(err)
	}
	want := options{
		params: tree.Params{
			Kind: tree.Hybrid, Shape: tree.Fixed, Depth: 16, Root: 6.5, Seed: 1,
			Prob: 0.234375, Children: 3, Shift: 0.25, Granularity: 2,
		},
		chunk: 10, interval: 50, ranks: 4, workers: 2, transport: meshTransport, verbose: 0,
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestParseDefaults(t *testing.T) {
	got, err := parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (options{params: tree.Defaults(), chunk: 4, interval: 1024, workers: 1, verbose: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestIntervalIsOfTimeNotOfNodes(t *testing.T) {
	for args, want := range map[string]int{
		"-g 8":        128,
		"-g 5000":     1,
		"-g 8 -i 300": 300,
	} {
		if got, err := parse(strings.Fields(args)); err != nil || got.interval != want {
			t.Errorf("%s: interval %d, %v; want %d", args, got.interval, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"-t 4":                     "-t 4: the tree types",
		"-t one":                   `invalid argument "one" for "-t`,
		"-z 1":                     "unknown shorthand flag: 'z'",
		"--fast":                   "unknown flag: --fast",
		"-d":                       "flag needs an argument: 'd'",
		"T1":                       `"T1" is no parameter`,
		"-c 0":                     "-c 0: ",
		"-c 10001":                 "-c 10001: ",
		"-i 0":                     "-i 0: ",
		"-g 0":                     "-g 0: ",
		"-n 0":                     "-n 0: ",
		"-n 5000":                  "-n 5000: ",
		"-w 0":                     "-w 0: ",
		"-v -1":                    "-v -1: ",
		"--transport udp":          "--transport udp: want inproc or mesh",
		"-t 0 -q 2":                "-q 2: a probability",
		"-t 1 -a 1 -d 1 -b 4 -r 1": "-a 1 -d 1: ",
	} {
		t.Run(args, func(t *testing.T) {
			_, err := parse(strings.Fields(args))
			if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line that starts with %q", err, want)
			}
		})
	}
}

func TestParseHelp(t *testing.T) {
	for _, arg := range []string{"-h", "--help"} {
		if _, err := parse([]string{"-t", "0", arg}); !errors.Is(err, errHelp) {
			t.Errorf("parse %s: %v, want help", arg, err)
		}
	}
}
