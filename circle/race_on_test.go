//go:build race

package circle

const raceEnabled = true
