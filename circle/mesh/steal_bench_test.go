package mesh

import (
	"context"
	"sync"
	"testing"

	"gdcp/circle"
)

// BenchmarkSteal is a whole steal through circle.Run over two meshes: rank 1
// has nothing, asks, is dealt one task, runs it, and asks again.
func BenchmarkSteal(b *testing.B) {
	ms := join(b, 2, Config{})
	h := &stealing{tasks: b.N, done: make(chan struct{})}
	b.ResetTimer()
	var group sync.WaitGroup
	for r, m := range ms {
		group.Go(func() {
			n := circle.New(circle.Config{Rank: r, Size: 2, Root: []byte{1}, MaxDealTasks: 1, MaxQueue: b.N + 1})
			if _, err := circle.Run(context.Background(), n, m, h, 1); err != nil {
				b.Error(err)
			}
		})
	}
	group.Wait()
}

// stealing is a root that spawns tasks and waits until others have run them
// all: its rank has only one worker.
type stealing struct {
	tasks int
	done  chan struct{}

	mu  sync.Mutex // guards ran
	ran int
}

func (h *stealing) Run(_ context.Context, t *circle.Task) {
	if len(t.Body) > 0 {
		for range h.tasks {
			t.Spawn(nil)
		}
		<-h.done
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ran++; h.ran == max(h.tasks-1, 1) { // the last one may be kept for the root's own rank for a tick
		close(h.done)
	}
}

func (h *stealing) Close(context.Context, *circle.Task, [][]byte) []byte { return nil }
