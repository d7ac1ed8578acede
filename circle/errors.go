package circle

import (
	"errors"
	"fmt"
)

// ErrClosed is why a peer is reported lost that said goodbye.
var ErrClosed = errors.New("the peer has closed its end")

// ErrEvicted is what Run returns on a rank that rank 0 has declared lost: its
// work is done again by others, and it must not touch anything any more.
var ErrEvicted = errors.New("declared lost by rank 0")

// LostError says that the job cannot go on without a rank.
type LostError struct {
	Rank int
	Err  error // what the transport said
}

func (e *LostError) Error() string { return fmt.Sprintf("rank %d is lost: %v", e.Rank, e.Err) }

// Unwrap returns what the transport said.
func (e *LostError) Unwrap() error { return e.Err }
