package main

import (
	"fmt"
	"slices"
	"strings"

	"gdcp/cmd/internal/tui"
	"gdcp/cmd/internal/units"
	"gdcp/copier"
	"gdcp/copier/attrs"
	"gdcp/walker/fsys"
)

// Bounds of what the banner lists.
const (
	maxRoots = 5
	maxNodes = 4
)

// printBanner says what will be copied where, by whom and how.
func printBanner(c *tui.Console, o *options, crew *crew, roots []copier.Root) {
	c.Message("version %s%s", version, dryNote(o))
	for i := range roots[:min(len(roots), maxRoots)] {
		c.Message("%s -> %s", fsys.Quote(roots[i].Src()), fsys.Quote(roots[i].Dst()))
	}
	if more := len(roots) - maxRoots; more > 0 {
		c.Message("and %s more", units.Things(int64(more), "source", "sources"))
	}
	c.Message("%s", whoLine(o, crew))
	c.Message("%s", howLine(o))
}

func dryNote(o *options) string {
	if o.dryRun {
		return ", dry run: nothing is written"
	}
	return ""
}

// whoLine is "4 ranks on 2 nodes (node1, node2), 8 workers each; started by
// PMI-1 (hydra); network tcp on ib0".
func whoLine(o *options, c *crew) string {
	workers := units.Things(int64(o.workers), "worker", "workers")
	names := c.nodes()
	if c.Size == 1 {
		return fmt.Sprintf("1 rank on %s, %s; started %s; no network", names[0], workers, startedBy(c.Launcher))
	}
	nodes := units.Things(int64(len(names)), "node", "nodes")
	if more := len(names) - maxNodes; more > 0 {
		names = append(slices.Clone(names[:maxNodes]), fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%d ranks on %s (%s), %s each; started %s; network %s",
		c.Size, nodes, strings.Join(names, ", "), workers, startedBy(c.Launcher), c.network)
}

func startedBy(launcher string) string {
	if launcher == "alone" {
		return launcher
	}
	return "by " + launcher
}

func howLine(o *options) string {
	segments := "segments by size of file and ranks"
	if o.chunk > 0 {
		segments = "segments of " + units.Size(o.chunk)
	}
	line := fmt.Sprintf("preserve %v; xattrs %s; buffer %s; %s", o.preserve, o.xattrsWord(), units.Size(o.bufSize), segments)
	if o.follow {
		line += "; symbolic links are followed"
	}
	return line
}

// xattrsWord is which extended attributes are copied.
func (o *options) xattrsWord() string {
	if !o.preserve.Has(attrs.Xattrs) {
		return "none"
	}
	return o.xattrs
}
