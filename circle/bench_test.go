package circle_test

import (
	"context"
	"fmt"
	"testing"

	"gdcp/circle"
)

// empty is a handler of empty tasks: the root spawns tasks of which each spawns
// fan, so that there is something for all workers to spawn.
type empty struct {
	wide, fan int
	body      []byte
}

func (e empty) Run(_ context.Context, t *circle.Task) {
	n := [...]int{e.wide, e.fan, 0}[len(t.Body)]
	for range n {
		t.Spawn(e.body[:len(t.Body)+1])
	}
}

func (empty) Close(context.Context, *circle.Task, [][]byte) []byte { return nil }

// BenchmarkRunTasks is what a task costs that does nothing, on one rank.
func BenchmarkRunTasks(b *testing.B) {
	for _, workers := range []int{1, 2, 8} {
		b.Run(fmt.Sprintf("%d workers", workers), func(b *testing.B) {
			b.ReportAllocs()
			run(b, 1, workers, circle.Config{}, empty{b.N/100 + 1, 99, make([]byte, 2)})
		})
	}
}

// BenchmarkRunSteals is the same on ranks that steal, over channels.
func BenchmarkRunSteals(b *testing.B) {
	for _, size := range []int{2, 8} {
		b.Run(fmt.Sprintf("%d ranks", size), func(b *testing.B) {
			b.ReportAllocs()
			run(b, size, 1, circle.Config{}, empty{b.N/100 + 1, 99, make([]byte, 2)})
		})
	}
}
