package circle

// queue is a rank's own deque of tasks: a ring that grows. Workers take the
// newest, thieves the oldest.
type queue struct {
	ring  []*Task // length a power of two, or zero
	head  int     // where the oldest is
	len   int
	bytes int // sum of the bodies
}

func (q *queue) push(t *Task) {
	if q.len == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.len)&(len(q.ring)-1)] = t
	q.len++
	q.bytes += len(t.Body)
}

// popNewest and popOldest return nil when there is none.
func (q *queue) popNewest() *Task {
	if q.len == 0 {
		return nil
	}
	q.len--
	return q.take((q.head + q.len) & (len(q.ring) - 1))
}

func (q *queue) popOldest() *Task {
	if q.len == 0 {
		return nil
	}
	i := q.head
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.len--
	return q.take(i)
}

// oldest returns the oldest task without taking it; nil if there is none.
func (q *queue) oldest() *Task {
	if q.len == 0 {
		return nil
	}
	return q.ring[q.head]
}

func (q *queue) take(i int) *Task {
	t := q.ring[i]
	q.ring[i] = nil
	q.bytes -= len(t.Body)
	return t
}

// filter removes, in order, the tasks that drop accepts.
func (q *queue) filter(drop func(*Task) bool) {
	for range q.len {
		if t := q.popOldest(); !drop(t) {
			q.push(t)
		}
	}
}

// grow doubles the ring. It never shrinks: its bound is Config.MaxQueue and a
// deal, some ten thousand pointers.
func (q *queue) grow() {
	ring := make([]*Task, max(16, 2*len(q.ring)))
	for i := range q.len {
		ring[i] = q.ring[(q.head+i)&(len(q.ring)-1)]
	}
	q.ring, q.head = ring, 0
}
