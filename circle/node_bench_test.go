package circle

import "testing"

// BenchmarkNode is the life of a task at home, without locks: spawned, handed
// out, run, closed.
func BenchmarkNode(b *testing.B) {
	n, root := benchNode(b, 1)
	body := []byte("body")
	b.ReportAllocs()
	for b.Loop() {
		n.Spawn(root, body)
		t, _ := n.Next()
		n.Ran(t)
		n.Closed(t, nil)
	}
}

// BenchmarkNodeSteal is the life of a task that is lent to another rank, 128 in a
// deal, with encoding and decoding.
func BenchmarkNodeSteal(b *testing.B) {
	n, root := benchNode(b, 2)
	thief := New(Config{Rank: 1, Size: 2})
	thief.Hello(nil)
	thief.Outbox()
	body := make([]byte, 100)
	b.ReportAllocs()
	for i := 0; i < b.N; i += 128 {
		for range 256 {
			n.Spawn(root, body)
		}
		thief.Next()
		carry(b, thief, n)
		carry(b, n, thief)
		for t, _ := thief.Next(); t != nil; t, _ = thief.Next() {
			thief.Ran(t)
			thief.Closed(t, nil)
		}
		for n.queue.len > 0 {
			t, _ := n.Next()
			n.Ran(t)
			n.Closed(t, nil)
		}
		carry(b, thief, n)
		carry(b, n, thief)
	}
}

func benchNode(b *testing.B, size int) (*Node, *Task) {
	n := New(Config{Size: size})
	for r := range size {
		n.onHello(r, nil)
	}
	n.Start(nil)
	root, _ := n.Next()
	b.ResetTimer()
	return n, root
}

// carry brings what one of two nodes has to send to the other.
func carry(b *testing.B, from, to *Node) {
	for _, e := range from.Outbox() {
		if err := to.Step(from.cfg.Rank, e.Body); err != nil {
			b.Fatal(err)
		}
	}
}
