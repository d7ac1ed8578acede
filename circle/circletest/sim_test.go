package circletest

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	simSeed = flag.Uint64("sim.seed", 0, "run only this seed of the simulated jobs")
	simRuns = flag.Int("sim.runs", 300, "how many seeds of the simulated jobs to run")
)

// jobFor draws a job from its seed: few or many ranks, small bounds or the
// usual ones, a calm network or a wild one.
func jobFor(seed uint64) SimConfig {
	rng := rand.New(rand.NewPCG(seed, 2))
	pick := func(v ...int) int { return v[rng.IntN(len(v))] }
	us := func(v ...int) time.Duration { return time.Duration(pick(v...)) * time.Microsecond }
	c := SimConfig{
		Ranks:   pick(1, 2, 2, 3, 4, 5, 7, 16, 33, 100),
		Workers: pick(1, 1, 2, 8),
		Seed:    seed,
		Latency: us(1, 10, 100, 1000),
		Jitter:  us(0, 10, 1000, 20000),
		Tree:    Tree{Seed: seed, Depth: pick(1, 3, 6, 40), Wide: pick(2, 3, 5), Fan: pick(0, 1, 10, 200), Task: us(0, 10, 200)},
		Check:   true,
	}
	c.Node.Tries = pick(1, 2, 4)
	c.Node.MaxDealTasks = pick(1, 3, 256)
	c.Node.MaxResults = pick(2, 64)
	if rng.IntN(2) == 0 {
		c.Stall, c.StallShare = 50*time.Millisecond, 0.02
	}
	return c
}

// upset adds deaths and evictions at times at which the job is likely to run.
func upset(c SimConfig) SimConfig {
	rng := rand.New(rand.NewPCG(c.Seed, 3))
	if c.Ranks == 1 {
		c.Ranks = 4
	}
	span := int64(c.Latency+c.Jitter)*20 + int64(c.Tree.Task)*100
	for range 1 + rng.IntN(min(c.Ranks, 5)) {
		at := 2*(c.Latency+c.Jitter) + c.Stall + time.Duration(rng.Int64N(span))
		if rng.IntN(3) == 0 {
			c.Evictions = append(c.Evictions, at)
		} else {
			c.Deaths = append(c.Deaths, at)
		}
	}
	return c
}

func TestSim(t *testing.T) {
	for _, kind := range []struct {
		name string
		job  func(uint64) SimConfig
	}{
		{"calm", jobFor},
		{"deaths", func(seed uint64) SimConfig { return upset(jobFor(seed)) }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			requeued := uint64(0)
			for seed := range uint64(*simRuns) {
				if *simSeed != 0 && seed != *simSeed {
					continue
				}
				c := kind.job(seed)
				rep, err := NewSim(c).Run()
				if err != nil {
					t.Fatalf("%v\n%+v\nagain: go test ./circle/circletest -run TestSim/%s -sim.seed %d", err, c, kind.name, seed)
				}
				requeued += rep.Requeued
			}
			if kind.name == "deaths" && requeued == 0 && *simSeed == 0 {
				t.Error("no task came back from a lost rank: the deaths come at the wrong times")
			}
		})
	}
}

// TestSimRepeats checks that a seed means one run.
func TestSimRepeats(t *testing.T) {
	c := upset(jobFor(7))
	a, errA := NewSim(c).Run()
	b, errB := NewSim(c).Run()
	if errA != nil || errB != nil || a != b {
		t.Errorf("the same seed gave %+v (%v) and %+v (%v)", a, errA, b, errB)
	}
}

// TestSimFindsLoss checks the checker: a node that forgets a task is noticed.
func TestSimFindsLoss(t *testing.T) {
	s := NewSim(SimConfig{Ranks: 2, Tree: Tree{Depth: 2, Wide: 2, Fan: 8}, Check: true})
	s.flying++
	if _, err := s.Run(); err == nil {
		t.Error("a task too many went unnoticed")
	}
}

func TestSimScale(t *testing.T) {
	rep, err := NewSim(ScaleJob(1024, 1000, 1)).Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(rep.Line(ScaleJob(1024, 1000, 1)))
	if perTask := float64(rep.Messages) / float64(rep.Tasks); perTask > 2 {
		t.Errorf("%.2f messages a task: want at most 2", perTask)
	}
	if idle := rep.Idle(1024); idle > 0.4 {
		t.Errorf("%.0f %% of the time idle: want at most 40 %%", 100*idle)
	}
}
