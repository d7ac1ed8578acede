package circle

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestQueue compares a queue with a slice.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var want []*Task
		same := func(got *Task, at int) {
			if len(want) == 0 {
				if got != nil {
					t.Fatalf("got a task from an empty queue")
				}
				return
			}
			if got != want[at] {
				t.Fatalf("got %v, want %v", got, want[at])
			}
			want = slices.Delete(want, at, at+1)
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(t, "tasks") {
					task := &Task{Body: make([]byte, rapid.IntRange(0, 9).Draw(t, "bytes"))}
					q.push(task)
					want = append(want, task)
				}
			},
			"newest": func(*rapid.T) { same(q.popNewest(), len(want)-1) },
			"oldest": func(*rapid.T) {
				if len(want) > 0 && q.oldest() != want[0] {
					t.Fatalf("oldest is %v, want %v", q.oldest(), want[0])
				}
				same(q.popOldest(), 0)
			},
			"filter": func(t *rapid.T) {
				drop := func(task *Task) bool { return len(task.Body)%3 == 0 }
				var dropped []*Task
				q.filter(func(task *Task) bool {
					if drop(task) {
						dropped = append(dropped, task)
					}
					return drop(task)
				})
				keep := func(task *Task) bool { return !drop(task) }
				if gone := slices.DeleteFunc(slices.Clone(want), keep); !slices.Equal(gone, dropped) {
					t.Fatalf("dropped %v, want %v", dropped, gone)
				}
				want = slices.DeleteFunc(want, drop)
			},
			"": func(t *rapid.T) {
				bytes := 0
				for _, task := range want {
					bytes += len(task.Body)
				}
				if !slices.Equal(q.tasks(), want) || q.len != len(want) || q.bytes != bytes {
					t.Fatalf("%d tasks of %d bytes, want %d of %d", q.len, q.bytes, len(want), bytes)
				}
				for i, task := range q.ring {
					if used := (i-q.head)&(len(q.ring)-1) < q.len; !used && task != nil {
						t.Fatalf("a task that was taken is still held at %d", i)
					}
				}
			},
		})
	})
}
