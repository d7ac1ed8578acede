package mesh

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// BenchmarkMeshRoundTrip is a message of 64 bytes and its answer: between two
// meshes of this process, and between two processes.
func BenchmarkMeshRoundTrip(b *testing.B) {
	b.Run("goroutines", func(b *testing.B) {
		ms := join(b, 2, Config{})
		go answerAll(ms[1])
		roundTrips(b, ms[0])
	})
	b.Run("processes", func(b *testing.B) {
		m, _ := pair(b, Config{}, Config{})
		roundTrips(b, m)
	})
}

// answerAll sends back what comes, until rank 0 is gone.
func answerAll(m *Mesh) {
	for pk := range m.Packets() {
		if pk.Lost == nil {
			m.Send(pk.From, pk.Body)
		}
	}
}

func roundTrips(b *testing.B, m *Mesh) {
	b.Helper()
	body := make([]byte, 64)
	talk(b, m)
	for b.Loop() {
		m.Send(1, body)
		body = (<-m.Packets()).Body
	}
}

// BenchmarkThroughput sends messages one way, as fast as they are received.
func BenchmarkThroughput(b *testing.B) {
	for _, c := range []struct {
		name string
		size int
	}{{"64B", 64}, {"4KiB", 4 << 10}, {"256KiB", 256 << 10}} {
		b.Run(c.name, func(b *testing.B) {
			ms := join(b, 2, Config{})
			body := make([]byte, c.size)
			b.SetBytes(int64(c.size))
			window := make(chan struct{}, max(4, 1<<20/c.size)) // under way
			n := b.N
			go func() {
				for range n {
					window <- struct{}{}
					ms[0].Send(1, body)
				}
			}()
			for range n {
				<-ms[1].Packets()
				<-window
			}
		})
	}
}

// BenchmarkConnect is the making of a link, both ends: the hello, TLS, the
// verdict, and a first message.
func BenchmarkConnect(b *testing.B) {
	var cpu time.Duration
	for b.Loop() {
		b.StopTimer()
		ms := join(b, 2, Config{})
		b.StartTimer()
		start := cpuTime(b)
		ms[0].Send(1, nil)
		<-ms[1].Packets()
		cpu += cpuTime(b) - start
		b.StopTimer()
		for _, m := range ms {
			m.kill()
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N), "cpu-µs/op")
}

// cpuTime is what this process has used so far.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// acquaint gives every pair of meshes a link.
func acquaint(t testing.TB, ms []*Mesh) {
	t.Helper()
	for r, m := range ms {
		for to := range r {
			m.Send(to, nil)
		}
	}
	for r, m := range ms {
		for range len(ms) - 1 - r {
			if pk := m.packet(t); pk.Lost != nil {
				t.Fatalf("rank %d: rank %d is lost: %v", r, pk.From, pk.Lost)
			}
		}
	}
}

// TestIdleCost: what a link that is not used costs. A job of 64 ranks has 63
// at each rank.
func TestIdleCost(t *testing.T) {
	const ranks = 32
	before := memory()
	ms := join(t, ranks, Config{})
	own := memory() - before
	acquaint(t, ms)
	ends := ranks * (ranks - 1)
	perEnd := (memory() - before - own) / ends
	t.Logf("a mesh of %d ranks: %d KiB each; an idle link: %d KiB at each end", ranks, own/ranks>>10, perEnd>>10)
	if perEnd > 64<<10 {
		t.Errorf("an idle link takes %d bytes at each end, want at most 64 KiB", perEnd)
	}
	if testing.Short() {
		return // what else runs on the machine now is no matter for memory, but for time
	}
	cpu, start := cpuTime(t), time.Now()
	<-time.After(6 * time.Second)
	share := float64(cpuTime(t)-cpu) / float64(time.Since(start))
	perRank := share / ranks * 63 / (ranks - 1)
	t.Logf("%d idle ends: %.2f %% of a core; a rank with 63: %.3f %%", ends, 100*share, 100*perRank)
	if perRank > 0.01 {
		t.Errorf("a rank with 63 idle links takes %.2f %% of a core, want less than 1 %%", 100*perRank)
	}
}

// memory is what the heap and the stacks take.
func memory() int {
	runtime.GC()
	runtime.GC() // pools are emptied by the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}
