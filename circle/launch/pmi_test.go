package launch

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// script is a transcript of testdata/pmi: what the rank says (>), what the
// launcher answers (<), and what comes out: the records (=) or an error (!).
type script struct {
	lines        []string
	records, err string
}

func readScript(t *testing.T, file string) (s script) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch kind {
		case ">", "<":
			s.lines = append(s.lines, kind+" "+rest)
		case "=":
			s.records = rest
		case "!":
			s.err = rest
		}
	}
	return s
}

// play is a launcher that follows the script, and hangs up after its end.
func (s script) play(t *testing.T, conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i, line := range s.lines {
		if answer, ok := strings.CutPrefix(line, "< "); ok {
			fmt.Fprintln(conn, answer)
			continue
		}
		got, err := in.ReadString('\n')
		if want := strings.TrimPrefix(line, "> ") + "\n"; err != nil || got != want {
			t.Errorf("line %d: the rank says %q (%v), want %q", i+1, got, err, want)
			return
		}
	}
}

func TestPMITranscripts(t *testing.T) {
	files, _ := filepath.Glob("testdata/pmi/*.txt")
	if len(files) == 0 {
		t.Fatal("no transcripts")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			s := readScript(t, file)
			here, there := net.Pipe()
			var group sync.WaitGroup
			defer group.Wait()
			group.Go(func() { s.play(t, there) })
			c := newPMI(t.Context(), here, 10*time.Second)
			defer c.close()
			m := meeting{Situation: Situation{Kind: PMI, Size: 2}, publish: func(int) []byte { return []byte("record 0") }}
			err := c.init()
			var got met
			if err == nil {
				got, err = c.exchange(m)
			}
			if fmt.Sprint(err) != s.err && (err != nil || s.err != "") {
				t.Fatalf("error %v, want %s", err, s.err)
			}
			if err == nil && string(got.blobs[0])+", "+string(got.blobs[1]) != s.records {
				t.Errorf("got %q, want %s", got.blobs, s.records)
			}
		})
	}
}

// kvs is a launcher of many ranks: it knows the verbs, not the order.
type kvs struct {
	mu      sync.Mutex
	values  map[string]string
	waiting int
	size    int
	full    chan struct{}
}

func (k *kvs) serve(conn net.Conn, valueMax int) {
	in := bufio.NewScanner(conn)
	in.Buffer(nil, 1024) // as Slurm's
	for in.Scan() {
		w := parsePMI(in.Text())
		switch w["cmd"] {
		case "init":
			fmt.Fprintln(conn, "cmd=response_to_init rc=0")
		case "get_maxes":
			fmt.Fprintf(conn, "cmd=maxes vallen_max=%d\n", valueMax)
		case "get_my_kvsname":
			fmt.Fprintln(conn, "cmd=my_kvsname kvsname=k")
		case "put":
			rc := 0
			if len(w["value"]) >= valueMax {
				rc = 1
			}
			k.put(w["key"], w["value"])
			fmt.Fprintf(conn, "cmd=put_result rc=%d\n", rc)
		case "barrier_in":
			k.barrier()
			fmt.Fprintln(conn, "cmd=barrier_out")
		case "get":
			k.mu.Lock()
			v := k.values[w["key"]]
			k.mu.Unlock()
			fmt.Fprintf(conn, "cmd=get_result rc=0 value=%s\n", v)
		case "finalize":
			fmt.Fprintln(conn, "cmd=finalize_ack")
		}
	}
}

func (k *kvs) put(key, value string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.values[key] = value
}

func (k *kvs) barrier() {
	k.mu.Lock()
	if k.waiting++; k.waiting == k.size {
		close(k.full)
	}
	k.mu.Unlock()
	<-k.full
}

func TestPMIManyRanksAndLongCards(t *testing.T) {
	for _, valueMax := range []int{64, 1024} {
		const size = 9
		k := &kvs{values: make(map[string]string), size: size, full: make(chan struct{})}
		var ranks, servers sync.WaitGroup
		for rank := range size {
			here, there := net.Pipe()
			servers.Go(func() { k.serve(there, valueMax) })
			ranks.Go(func() {
				m := meeting{Situation: Situation{Kind: PMI, Rank: rank, Size: size},
					publish: func(rank int) []byte { return longRecord(rank) }}
				c := newPMI(t.Context(), here, time.Minute)
				defer c.close()
				got, err := c.exchange(m)
				if err != nil {
					t.Error(err)
					return
				}
				for r, b := range got.blobs {
					if string(b) != string(longRecord(r)) {
						t.Errorf("rank %d got %d bytes of rank %d, want %d", rank, len(b), r, len(longRecord(r)))
					}
				}
			})
		}
		ranks.Wait()
		servers.Wait()
	}
}

// longRecord is of all lengths up to the longest.
func longRecord(rank int) []byte {
	return record{first: rank == 0, host: "h", card: []byte(strings.Repeat(string(rune('a'+rank)), rank*MaxCard/8))}.encode()
}

func TestPMITimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		go bufio.NewReader(there).ReadString('\n')
		m := meeting{Situation: Situation{Kind: PMI, Size: 5, Timeout: 42 * time.Second}}
		c := newPMI(t.Context(), here, m.Timeout)
		err := c.explain(m, c.barrier())
		missing, ok := errors.AsType[*MissingError](err)
		if !ok || missing.Size != 5 || missing.After != 42*time.Second {
			t.Errorf("got %v", err)
		}
		c.close()
		there.Close()
	})
}

func TestPMICancel(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	c := newPMI(ctx, here, time.Minute)
	defer c.close()
	stop := errors.New("stopped by signal")
	go func() {
		bufio.NewReader(there).ReadString('\n')
		cancel(stop)
	}()
	if err := c.explain(meeting{}, c.barrier()); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

func TestPMILeftOverDescriptor(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, fd := range []string{fmt.Sprint(file.Fd()), "999"} {
		env := Env{Getenv: vars("PMI_RANK=0 PMI_SIZE=2 PMI_FD=" + fd)}
		_, err := Join(t.Context(), env, nil)
		if err == nil || !strings.Contains(err.Error(), "GDCP_LAUNCH=alone") {
			t.Errorf("PMI_FD=%s: %v", fd, err)
		}
	}
}

func FuzzPMIPieces(f *testing.F) {
	f.Add([]byte("record"), 1024)
	f.Add([]byte{}, 10)
	f.Fuzz(func(t *testing.T, blob []byte, room int) {
		room = 16 + room%2000
		if room < 16 || len(blob) > maxRecord {
			return
		}
		var text strings.Builder
		cut := pieces(blob, room)
		for i, p := range cut {
			if len(p) > room || strings.ContainsAny(p, " =\n") {
				t.Fatalf("piece %d of %d bytes, room for %d: %q", i, len(p), room, p)
			}
			if i == 0 {
				count, first, err := piecesIn(p)
				if err != nil || count != len(cut) {
					t.Fatalf("%q: %d pieces (%v), want %d", p, count, err, len(cut))
				}
				p = first
			}
			text.WriteString(p)
		}
		if back, err := base64.RawURLEncoding.DecodeString(text.String()); err != nil || string(back) != string(blob) {
			t.Errorf("came back as %x (%v)", back, err)
		}
	})
}

// FuzzPMIAnswers has a launcher that answers nonsense to everything.
func FuzzPMIAnswers(f *testing.F) {
	for _, file := range []string{"hydra", "slurm", "pieces"} {
		text, err := os.ReadFile("testdata/pmi/" + file + ".txt")
		if err != nil {
			f.Fatal(err)
		}
		var answers strings.Builder
		for line := range strings.Lines(string(text)) {
			if answer, ok := strings.CutPrefix(line, "< "); ok {
				answers.WriteString(answer)
			}
		}
		f.Add(answers.String())
	}
	f.Fuzz(func(t *testing.T, answers string) {
		c := &pmiConn{ctx: t.Context(), conn: &canned{Reader: strings.NewReader(answers)}, unwatch: func() bool { return true }}
		c.lines = bufio.NewReaderSize(c.conn, maxPMILine)
		m := meeting{Situation: Situation{Kind: PMI, Size: 2}, publish: func(int) []byte { return []byte("record 0") }}
		if c.init() != nil {
			return
		}
		if got, err := c.exchange(m); err == nil && len(got.blobs) != 2 {
			t.Errorf("%d records", len(got.blobs))
		}
	})
}

// canned is a connection that says what it has, whatever it is told.
type canned struct{ *strings.Reader }

func (canned) Write(b []byte) (int, error) { return len(b), nil }
func (canned) Close() error                { return nil }
func (canned) SetDeadline(time.Time) error { return nil }
