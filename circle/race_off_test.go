//go:build !race

package circle

const raceEnabled = false
