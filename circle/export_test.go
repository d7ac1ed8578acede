package circle

// For the tests of Run, which are outside of the package because the
// transports that they use import it.

const RaceEnabled = raceEnabled

// Grace is how long Run waits after a cancel.
const Grace = grace

// Evict has a rank told that it was declared lost.
func Evict(n *Node, rank int) { n.onLost(rank) }
