package units

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"
)

func TestParseSize(t *testing.T) {
	tests := map[string]int64{
		"0": 0, "1": 1, "512": 512, "0007": 7, "9223372036854775807": math.MaxInt64,
		"0B": 0, "17b": 17,
		"1K": 1 << 10, "1k": 1 << 10, "1KiB": 1 << 10, "1kib": 1 << 10, "1KB": 1000, "1kB": 1000,
		"4M": 4 << 20, "64MiB": 64 << 20, "64MB": 64e6,
		"3G": 3 << 30, "1GB": 1e9, "2T": 2 << 40, "2tb": 2e12, "1P": 1 << 50, "7E": 7 << 60, "9EB": 9e18,
		"1.5G": 3 << 29, "0.5K": 512, "1.25MB": 1250000, "2.50k": 2560, "1.0": 1,
		"0.001kB": 1,
	}
	for in, want := range tests {
		got, err := ParseSize(in)
		if err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", in, got, err, want)
		}
	}
}

func TestParseSizeRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "K", "B", ".", ".5K", "5.", "5.K", "-1", "+1", "1 K", "1K ", "1KK", "1KBB", "1iB", "1Ki", "1Z",
		"0x10", "1e3", "1,000", "1..5K", "1.2.3K", "１K", "1K\x00", "1.0000001K", "0.5", "1.5B",
		"8E", "16E", "9223372036854775808", "99999999999999999999", "10EB", "8388608T", "7.9999999999999999999E",
		"7.999999999999999999132638262011596452794037759304046630859375E", // 2^63-1, but nobody means that
	} {
		if got, err := ParseSize(in); !errors.Is(err, ErrSize) {
			t.Errorf("ParseSize(%q) = %d, %v, want ErrSize", in, got, err)
		}
	}
}

// What Size writes without loss, ParseSize reads again, once the space is out.
func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"1", "4M", "1.5G", "64KiB", "1GB", "8E", "0.1K", "7.9999999999999999999E"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseSize(s)
		if err != nil {
			if n != 0 || !errors.Is(err, ErrSize) {
				t.Fatalf("ParseSize(%q) = %d, %v", s, n, err)
			}
			return
		}
		if n < 0 {
			t.Fatalf("ParseSize(%q) = %d", s, n)
		}
		if again, err := ParseSize(fmt.Sprint(n)); err != nil || again != n {
			t.Fatalf("ParseSize(%d) = %d, %v", n, again, err)
		}
	})
}

func TestSize(t *testing.T) {
	tests := map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1 KiB", 1025: "1.00 KiB", 1536: "1.50 KiB", 10 << 10: "10 KiB",
		10<<10 + 512: "10.5 KiB", 100<<10 + 512: "100 KiB", 1<<20 - 1: "1.00 MiB", 1023 << 10: "1023 KiB",
		4 << 20: "4 MiB", 3 << 29: "1.50 GiB", 1 << 40: "1 TiB", math.MaxInt64: "8 EiB",
	}
	for n, want := range tests {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 12: "12", 123: "123", 1234: "1,234", 123456: "123,456", 1234567: "1,234,567", -1234: "-1,234"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	if got := Things(1, "file", "files") + Things(2000, "file", "files"); got != "1 file2,000 files" {
		t.Errorf("Things: %q", got)
	}
}

func TestRates(t *testing.T) {
	for got, want := range map[string]string{
		SizeRate(3<<20, 2*time.Second): "1.50 MiB/s", SizeRate(1, 0): "-",
		CountRate(3000, 2*time.Second): "1,500/s", CountRate(1, -1): "-",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.000 s", 12 * time.Millisecond: "0.012 s", 9540 * time.Millisecond: "9.5 s", 59990 * time.Millisecond: "59.9 s",
		time.Minute: "1:00", 245 * time.Second: "4:05", 3599 * time.Second: "59:59", time.Hour + 62*time.Second: "1:01:02", 26 * time.Hour: "26:00:00",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}
