// Command simulate runs the protocol of package circle with many virtual
// ranks, and prints what docs/scale.md shows:
//
//	go run ./circle/circletest/simulate --ranks 1024,4096,65536
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"gdcp/circle/circletest"
)

func main() {
	ranks := pflag.IntSlice("ranks", []int{64, 1024, 4096, 65536}, "how many ranks")
	seed := pflag.Uint64("seed", 1, "seed of the tree, the network and the victims")
	perRank := pflag.Int("tasks", 1000, "about how many tasks for each rank")
	tries := pflag.Int("tries", 0, "victims asked before a rank waits on its lifelines (0: the default)")
	pflag.Parse()
	for _, n := range *ranks {
		job := circletest.ScaleJob(n, *perRank, *seed)
		job.Node.Tries = *tries
		start := time.Now()
		report, err := circletest.NewSim(job).Run()
		if err != nil {
			fmt.Fprintln(os.Stderr, "simulate:", err)
			os.Exit(1)
		}
		fmt.Fprintf(os.Stdout, "%s (simulated in %.1f s)\n", report.Line(job), time.Since(start).Seconds())
	}
}
