package copier

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"gdcp/circle"
	"gdcp/walker/fsys"
)

// question is what rank 0 asks every rank: do you see what I see?
type question struct {
	roots []Root
	// token is the name of a file that rank 0 has just made in the directory
	// that gets the copies, and secret what is in it. Empty in a dry run, and
	// in a job of one rank.
	token, secret string
}

func (q *question) encode() []byte {
	var w writer
	w.string(q.token)
	w.string(q.secret)
	for i := range q.roots {
		r := &q.roots[i]
		for _, s := range []string{r.SrcDir, r.SrcName, r.DstDir, r.DstName} {
			w.string(s)
		}
		w.bool(r.Dir)
		w.uint(r.Ino)
		w.int(r.Btime.Sec)
		w.uint(uint64(r.Btime.Nsec))
	}
	return w.b
}

func decodeQuestion(b []byte) (q question, err error) {
	r := reader{b: b}
	q.token, q.secret = r.string(), r.string()
	for len(r.b) > 0 {
		q.roots = append(q.roots, Root{
			SrcDir: r.string(), SrcName: r.string(), DstDir: r.string(), DstName: r.string(),
			Dir: r.bool(), Ino: r.uint(), Btime: fsys.Time{Sec: r.int(), Nsec: uint32(r.uint())},
		})
	}
	return q, r.end()
}

// Ask plans the job, on rank 0, and leaves a token at the destination.
func (j *Job) Ask(context.Context) ([]byte, error) {
	roots, err := plan(&j.o)
	if err != nil {
		return nil, err
	}
	q := question{roots: roots}
	if j.o.Ranks > 1 && !j.o.DryRun {
		q.secret = rand.Text()
		q.token = ".gdcp-" + rand.Text()[:12]
		if err := j.leaveToken(roots[0].DstDir, q); err != nil {
			return nil, refuse("", "destination %s: %v", fsys.Quote(roots[0].DstDir), err)
		}
	}
	j.o.Observer.Planned(roots)
	return q.encode(), nil
}

func (j *Job) leaveToken(path string, q question) error {
	dir, err := j.o.FS.Root(path, true)
	if err != nil {
		return err
	}
	defer drop(dir)
	f, err := dir.Open(q.token, fsys.WriteOnly|fsys.Create|fsys.Exclusive, 0o600)
	if err != nil {
		return err
	}
	j.token, j.tokenDir = q.token, path
	// Sync, so that another node's client finds it with all that is in it.
	return errors.Join(fsys.WriteFull(f, []byte(q.secret), 0), f.Sync(), f.Close())
}

// Greet looks at the sources and at the token, and says what is wrong with
// them as seen from here.
func (j *Job) Greet(_ context.Context, asked []byte) []byte {
	q, err := decodeQuestion(asked)
	if err != nil {
		return []byte(err.Error())
	}
	j.roots = q.roots
	j.dirs = newDirCache(j)
	var wrong []string
	for i := range q.roots {
		if err := j.checkSource(&q.roots[i]); err != nil {
			wrong = append(wrong, fmt.Sprintf("source %s: %v", fsys.Quote(q.roots[i].Src()), err))
		}
	}
	if err := j.checkToken(&q); err != nil {
		wrong = append(wrong, fmt.Sprintf("destination %s: %v", fsys.Quote(q.roots[0].DstDir), err))
	}
	if len(wrong) == 0 {
		return nil
	}
	return []byte("on " + j.o.Host + ": " + strings.Join(wrong, "; "))
}

var (
	errOtherSource = errors.New("this is not what rank 0 sees there (another file system, or none, may be mounted here)")
	errNoToken     = errors.New("the file that rank 0 has just made there is not to be seen (another file system, or none, may be mounted here)")
)

func (j *Job) checkSource(r *Root) error {
	st, err := j.o.FS.Stat(r.Src(), j.o.Follow || r.SrcName == "")
	if err != nil {
		return errors.New(cause(err))
	}
	if st.Ino != r.Ino || st.Btime != r.Btime || (st.Kind == fsys.Directory) != r.Dir {
		return errOtherSource
	}
	return nil
}

func (j *Job) checkToken(q *question) error {
	if q.token == "" {
		return nil
	}
	dir, err := j.o.FS.Root(q.roots[0].DstDir, true)
	if err != nil {
		return errors.New(cause(err))
	}
	defer drop(dir)
	f, err := dir.Open(q.token, fsys.ReadOnly, 0)
	if err != nil {
		if gone(err) {
			return errNoToken
		}
		return errors.New(cause(err))
	}
	defer drop(f)
	buf := make([]byte, len(q.secret)+1)
	n, err := f.Pread(buf, 0)
	if err != nil || string(buf[:n]) != q.secret {
		return errNoToken
	}
	return nil
}

// Start takes the token away and begins, if all ranks see the same.
func (j *Job) Start(_ context.Context, cards [][]byte) ([]byte, error) {
	if err := j.takeToken(); err != nil {
		return nil, refuse("", "%v", err)
	}
	if err := j.disagreement(cards); err != nil {
		return nil, err
	}
	w := work{verb: verbJob}
	return w.encode(), nil
}

// takeToken removes the token, wherever the job has got to. One that could not
// be removed is tried again by Finish.
func (j *Job) takeToken() error {
	if j.token == "" {
		return nil
	}
	err := j.unlinkToken()
	if err != nil && fsys.Errno(err) != syscall.ENOENT {
		return fmt.Errorf("remove %s, made for the ranks to see: %s", fsys.Quote(join(j.tokenDir, j.token)), cause(err))
	}
	j.token = ""
	return nil
}

func (j *Job) unlinkToken() error {
	dir, err := j.o.FS.Root(j.tokenDir, true)
	if err != nil {
		return err
	}
	defer drop(dir)
	return dir.Unlink(j.token)
}

// disagreement names the ranks that see something else, the first few of them.
func (j *Job) disagreement(cards [][]byte) error {
	const most = 8
	var wrong []string
	for r, card := range cards {
		if len(card) > 0 {
			wrong = append(wrong, fmt.Sprintf("rank %d %s", r, card))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	if more := len(wrong) - most; more > 0 {
		wrong = append(wrong[:most], fmt.Sprintf("and %d ranks more", more))
	}
	return refuse("mount the same file systems on every node of the job", "not all ranks see the same:\n  %s", strings.Join(wrong, "\n  "))
}

// Finish makes durable what this node has written, where this rank is to see
// to that. Its card is what went wrong; empty if nothing did.
func (j *Job) Finish(_ context.Context, cancelled bool) []byte {
	var errs []string
	if err := j.takeToken(); err != nil {
		errs = append(errs, err.Error())
	}
	if j.dirs != nil {
		defer j.dirs.close()
	}
	if !cancelled && j.dirs != nil && j.o.SyncHere && !j.o.DryRun {
		for _, err := range j.dirs.sync() {
			errs = append(errs, err.Error())
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return []byte(j.o.Host + ": " + strings.Join(errs, "; "))
}

// Verdict takes the outcome of circle.Run on rank 0 apart: what was done, and
// what is wrong with the job as a whole besides the problems of paths.
func (j *Job) Verdict(out circle.Outcome) (Tally, []error) {
	var errs []error
	for r, card := range out.Cards {
		switch {
		case slices.Contains(out.Lost, r):
			errs = append(errs, fmt.Errorf("rank %d was lost: its work was done again, but what it had written may not be durable", r))
		case len(card) > 0:
			errs = append(errs, fmt.Errorf("rank %d: %s", r, card))
		}
	}
	return DecodeTally(out.Result), errs
}
