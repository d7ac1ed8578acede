package walker

import "gdcp/walker/fsys"

// Counts are how many entries of each kind there were, and the bytes of the
// regular files.
type Counts struct {
	Kind  [fsys.Kinds]int64
	Bytes int64
}

// Add counts one entry; size matters for regular files only.
func (c *Counts) Add(k fsys.Kind, size int64) {
	if k >= fsys.Kinds {
		k = fsys.Unknown
	}
	c.Kind[k]++
	if k == fsys.Regular {
		c.Bytes += size
	}
}

// Merge adds what another part of the tree counted.
func (c *Counts) Merge(o *Counts) {
	for k, n := range o.Kind {
		c.Kind[k] += n
	}
	c.Bytes += o.Bytes
}

// Total is the number of entries.
func (c *Counts) Total() int64 {
	var sum int64
	for _, n := range c.Kind {
		sum += n
	}
	return sum
}
