package units

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// ErrSize is wrapped by the errors of ParseSize. Its text says what is wanted.
var ErrSize = errors.New("want a size such as 4M, 64KiB or 1GB")

// errSizeTooLarge is 2^63 or more.
var errSizeTooLarge = fmt.Errorf("%w, below 8 EiB", ErrSize)

// ParseSize reads a size in bytes. A fraction is fine as long as the result is
// a whole number of bytes. Sizes are not negative.
func ParseSize(s string) (int64, error) {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(s)
	}
	unit, ok := unitOf(s[end:])
	if !ok {
		return 0, ErrSize
	}
	whole, fraction, hasPoint := strings.Cut(s[:end], ".")
	if whole == "" || hasPoint && fraction == "" {
		return 0, ErrSize
	}
	n, err := strconv.ParseUint(whole, 10, 63)
	if err != nil {
		return 0, numberError(err)
	}
	part, err := fractionOf(fraction, unit)
	if err != nil {
		return 0, err
	}
	hi, lo := bits.Mul64(n, unit)
	sum, carry := bits.Add64(lo, part, 0)
	if hi+carry > 0 || sum >= 1<<63 {
		return 0, errSizeTooLarge
	}
	return int64(sum), nil
}

func numberError(err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return errSizeTooLarge
	}
	return ErrSize
}

// unitOf is how many bytes a suffix stands for: "" and "B" one, "K" and "KiB"
// 1024, "KB" 1000.
func unitOf(suffix string) (uint64, bool) {
	suffix = strings.ToLower(suffix)
	if suffix == "" || suffix == "b" {
		return 1, true
	}
	power := strings.IndexByte("kmgtpe", suffix[0]) + 1
	if power == 0 {
		return 0, false
	}
	base := uint64(1024)
	switch suffix[1:] {
	case "", "ib":
	case "b":
		base = 1000
	default:
		return 0, false
	}
	unit := uint64(1)
	for range power {
		unit *= base
	}
	return unit, true
}

// fractionOf is 0.DIGITS of a unit, which has to be a whole number of bytes.
func fractionOf(digits string, unit uint64) (uint64, error) {
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return 0, ErrSize // it begins with a digit: more of them than any size has
	}
	scale := uint64(1)
	for range digits {
		if hi, lo := bits.Mul64(scale, 10); hi == 0 {
			scale = lo
		} else {
			return 0, ErrSize
		}
	}
	hi, lo := bits.Mul64(n, unit)
	quo, rem := bits.Div64(hi, lo, scale) // hi < scale, as n < scale and unit < 2^64
	if rem != 0 {
		return 0, fmt.Errorf("%w, which is a whole number of bytes", ErrSize)
	}
	return quo, nil
}
