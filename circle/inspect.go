package circle

// Results returns what t's children have returned so far. It is for those who
// drive a Node without Run.
func Results(t *Task) [][]byte { return t.results }

// TasksIn returns how many tasks an encoded message carries. It is for those
// who watch the network of a Node.
func TasksIn(body []byte) int {
	if len(body) == 0 || kind(body[0]) != kindDeal {
		return 0
	}
	m, err := decode(body)
	if err != nil {
		return 0
	}
	return len(m.tasks)
}
