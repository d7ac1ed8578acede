package tree

import (
	"math"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Params)
		want   string // how the message starts; "" for none
	}{
		{"defaults", func(*Params) {}, ""},
		{"kind", func(p *Params) { p.Kind = 4 }, "-t 4: "},
		{"negative kind", func(p *Params) { p.Kind = -1 }, "-t -1: "},
		{"shape", func(p *Params) { p.Shape = 4 }, "-a 4: "},
		{"shape of a binomial tree", func(p *Params) { p.Kind, p.Shape = Binomial, 4 }, ""},
		{"root", func(p *Params) { p.Root = -1 }, "-b -1: "},
		{"no number", func(p *Params) { p.Root = math.NaN() }, "-b NaN: "},
		{"seed", func(p *Params) { p.Seed = 1 << 31 }, "-r 2147483648: "},
		{"granularity", func(p *Params) { p.Granularity = 0 }, "-g 0: "},
		{"depth", func(p *Params) { p.Depth = 0 }, "-d 0: "},
		{"depth of a binomial tree", func(p *Params) { p.Kind, p.Depth = Binomial, 0 }, ""},
		{"exponential of depth 1", func(p *Params) { p.Shape, p.Depth = Exponential, 1 }, "-a 1 -d 1: "},
		{"exponential that grows", func(p *Params) { p.Shape, p.Root = Exponential, 0.5 }, "-a 1 -b 0.5: "},
		{"shift", func(p *Params) { p.Kind, p.Shift = Hybrid, -0.1 }, "-f -0.1: "},
		{"probability", func(p *Params) { p.Kind, p.Prob = Hybrid, 1.1 }, "-q 1.1: "},
		{"children", func(p *Params) { p.Kind, p.Children = Binomial, -1 }, "-m -1: "},
		{"perhaps endless", func(p *Params) { p.Kind, p.Prob = Binomial, 0.25 }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Defaults()
			c.change(&p)
			checkMessage(t, p.Validate(), c.want)
		})
	}
}

func checkMessage(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && err == nil:
		t.Errorf("accepted, want an error that starts with %q", want)
	case err != nil && (!strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n")):
		t.Errorf("error %q, want one line that starts with %q", err, want)
	}
}

func TestKnown(t *testing.T) {
	p := geometric(Fixed, 10, 4, 19)
	p.Granularity, p.Prob, p.Shift = 3, 0.1, 0.9 // none of these changes the tree
	if s, ok := Known(p); !ok || s.Name != "T1" {
		t.Errorf("Known(%+v) = %q, %v; want T1", p, s.Name, ok)
	}
	p.Seed = 20
	if s, ok := Known(p); ok {
		t.Errorf("Known(%+v) = %q, want none", p, s.Name)
	}
}

func TestAgrees(t *testing.T) {
	full := Sample{Count: Count{Nodes: 10, Leaves: 6, Depth: 3}}
	partly := Sample{Count: Count{Nodes: 10}}
	for _, c := range []struct {
		sample Sample
		count  Count
		want   bool
	}{
		{full, Count{10, 6, 3}, true},
		{full, Count{11, 6, 3}, false},
		{full, Count{10, 7, 3}, false},
		{full, Count{10, 6, 4}, false},
		{partly, Count{10, 5, 2}, true},
		{partly, Count{9, 5, 2}, false},
	} {
		if got := c.sample.Agrees(c.count); got != c.want {
			t.Errorf("%+v agrees with %+v: %v, want %v", c.sample.Count, c.count, got, c.want)
		}
	}
}
