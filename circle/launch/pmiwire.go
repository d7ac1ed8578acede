package launch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// pmiConn speaks PMI-1, the process management interface of MPICH, as its
// client: one line of "key=value" words each way. The dialogue, and what is
// around it, is in MPICH's src/pmi/simple and hydra's src/pm/hydra/proxy.
type pmiConn struct {
	ctx      context.Context
	conn     deadlineConn
	fd       int // the launcher's descriptor, of which conn has a duplicate
	lines    *bufio.Reader
	unwatch  func() bool
	kvs      string // the name of the job's key-value space
	valueMax int    // the longest value, in bytes
}

type deadlineConn interface {
	io.ReadWriteCloser
	SetDeadline(time.Time) error
}

// maxPMILine bounds a line from the launcher, in bytes. Values are 1 KiB in all
// process managers known.
const maxPMILine = 64 << 10

// pmiSocket makes a file of the descriptor that the launcher left us. One that
// is not a socket has been closed and given out anew since, and is not touched.
//
// The file is a duplicate: fd stays open when it is closed, until hangUp. When
// hydra sees its end closed before finalize, it kills all ranks at once, also the
// one that was about to say what is wrong.
func pmiSocket(fd int) (*os.File, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, fmt.Errorf("not an open descriptor: %w", err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return nil, errors.New("not a socket of a launcher")
	}
	unix.CloseOnExec(fd)
	copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(copied, true); err != nil { // else it has no deadlines
		unix.Close(copied) //nolint:errcheck // the first error says more
		return nil, err
	}
	return os.NewFile(uintptr(copied), "PMI_FD"), nil
}

func newPMI(ctx context.Context, conn deadlineConn, timeout time.Duration) *pmiConn {
	c := &pmiConn{ctx: ctx, conn: conn, lines: bufio.NewReaderSize(conn, maxPMILine)}
	conn.SetDeadline(time.Now().Add(timeout)) //nolint:errcheck // then ctx has to do
	c.unwatch = context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	return c
}

func (c *pmiConn) close() {
	c.unwatch()
	c.conn.Close() //nolint:errcheck // the launcher's end is of no interest any more
}

// hangUp closes the launcher's descriptor itself, after finalize.
func (c *pmiConn) hangUp() {
	unix.Close(c.fd) //nolint:errcheck // same
}

// ask sends a request and returns the words of the answer, which must be of the
// name given and say nothing but success.
func (c *pmiConn) ask(answer, request string) (map[string]string, error) {
	verb, _, _ := strings.Cut(request, " ")
	if _, err := io.WriteString(c.conn, request+"\n"); err != nil {
		return nil, fmt.Errorf("ask the launcher (%s): %w", verb, err)
	}
	line, err := c.lines.ReadSlice('\n')
	if err != nil {
		return nil, fmt.Errorf("wait for the launcher's answer (%s): %w", verb, err)
	}
	words := parsePMI(string(line))
	switch rc := words["rc"]; {
	case words["cmd"] != answer:
		return nil, fmt.Errorf("the launcher answers %q where PMI-1 has %s", strings.TrimSpace(string(line)), answer)
	case rc != "" && rc != "0":
		return nil, fmt.Errorf("the launcher refuses (%s): rc %s %s", verb, rc, words["msg"])
	}
	return words, nil
}

// parsePMI takes a line apart. A word without an equal sign is none.
func parsePMI(line string) map[string]string {
	words := make(map[string]string)
	for word := range strings.FieldsSeq(line) {
		if key, value, ok := strings.Cut(word, "="); ok {
			words[key] = value
		}
	}
	return words
}

// init greets. The process manager of srun --mpi=pmi2 understands both
// versions, and answers in the one in which it was asked.
func (c *pmiConn) init() error {
	_, err := c.ask("response_to_init", "cmd=init pmi_version=1 pmi_subversion=1")
	return err
}

// space asks for the name of the key-value space, and its limits.
func (c *pmiConn) space() error {
	maxes, err := c.ask("maxes", "cmd=get_maxes")
	if err != nil {
		return err
	}
	c.valueMax, err = strconv.Atoi(maxes["vallen_max"])
	if err != nil || c.valueMax < 64 {
		return fmt.Errorf("the launcher takes values of %q bytes: too short", maxes["vallen_max"])
	}
	name, err := c.ask("my_kvsname", "cmd=get_my_kvsname")
	c.kvs = name["kvsname"]
	if err == nil && len(c.kvs) > maxPMIRequest/2 {
		err = errors.New("the name of the launcher's key-value space is too long")
	}
	return err
}

// maxPMIRequest bounds a whole request, in bytes. srun --mpi=pmi2 says that it
// takes values of 1024 bytes, and reads requests into a buffer of as many: what
// is longer it takes for several requests (mpi/pmi2, "invalid client request").
const maxPMIRequest = 1000

func (c *pmiConn) putRequest(key, value string) string {
	return fmt.Sprintf("cmd=put kvsname=%s key=%s value=%s", c.kvs, key, value)
}

func (c *pmiConn) getKey(key string) (string, error) {
	words, err := c.ask("get_result", fmt.Sprintf("cmd=get kvsname=%s key=%s", c.kvs, key))
	return words["value"], err
}

// barrier returns when all ranks have called it.
func (c *pmiConn) barrier() error {
	_, err := c.ask("barrier_out", "cmd=barrier_in")
	return err
}

// finalize says goodbye: from then on the launcher only waits for the exit.
func (c *pmiConn) finalize() error {
	_, err := c.ask("finalize_ack", "cmd=finalize")
	return err
}
