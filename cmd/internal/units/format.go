package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Size writes n bytes with three figures or more: "512 B", "1.50 GiB",
// "64.0 MiB", "1023 KiB". Whole numbers of a unit have no fraction: "4 MiB".
func Size(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v, unit := float64(n), 0
	for v >= 1023.5 && unit < len("KMGTPE") {
		v /= 1024
		unit++
	}
	return figures(v) + " " + "KMGTPE"[unit-1:unit] + "iB"
}

// figures writes a number with three figures, but no fraction if it has none.
func figures(v float64) string {
	switch {
	case v == math.Trunc(v) || v >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// Count writes n with commas between groups of three digits.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// Things writes a count and what is counted: "1 file", "2 files",
// "3 directories".
func Things(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// SizeRate is n bytes in a time, a second. It is "-" for no time.
func SizeRate(n int64, d time.Duration) string {
	if d <= 0 {
		return "-"
	}
	return Size(int64(float64(n)/d.Seconds())) + "/s"
}

// CountRate is n things in a time, a second. It is "-" for no time.
func CountRate(n int64, d time.Duration) string {
	if d <= 0 {
		return "-"
	}
	return Count(int64(math.Round(float64(n)/d.Seconds()))) + "/s"
}

// Duration writes a time: "0.012 s", "9.5 s", "4:05", "26:02:03".
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%.3f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	}
	s := int64(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
