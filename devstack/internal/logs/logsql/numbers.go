package logsql

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Duration reads a length of time such as 5m, 1h30m, 1.5s or 1d in
// nanoseconds; a year has 365 days.
func Duration(s string) (int64, bool) {
	rest, sign := strings.TrimPrefix(s, "-"), 1.0
	if rest != s {
		sign = -1
	}
	if rest == "" {
		return 0, false
	}
	sum := 0.0
	for rest != "" {
		n, after, ok := unit(rest)
		if !ok {
			return 0, false
		}
		sum, rest = sum+n, after
	}
	return int64(sign * sum), true
}

var units = []struct {
	name string
	size float64
}{
	{"ns", 1}, {"µs", 1e3}, {"μs", 1e3}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10},
	{"h", 3.6e12}, {"d", 8.64e13}, {"w", 6.048e14}, {"y", 3.1536e16},
}

func unit(s string) (float64, string, bool) {
	digits := strings.TrimLeft(s, "0123456789.")
	n, err := strconv.ParseFloat(s[:len(s)-len(digits)], 64)
	if err != nil {
		return 0, "", false
	}
	for _, u := range units {
		if rest, ok := strings.CutPrefix(digits, u.name); ok && (rest == "" || rest[0] <= '9') {
			return n * u.size, rest, true
		}
	}
	return 0, "", false
}

var sizes = []struct {
	name string
	size float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"B", 1},
}

// number reads what compares as a number: floats, durations in nanoseconds,
// sizes in bytes, IPv4 addresses and RFC 3339 times in unix nanoseconds.
func number(s string) (float64, bool) {
	if s == "" || len(s) > 40 {
		return 0, false
	}
	c := s[0]
	if c == '-' && len(s) > 1 {
		c = s[1]
	}
	if c != '.' && (c < '0' || c > '9') {
		return 0, false
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && !strings.ContainsAny(s, "xX_pP") {
		return f, true
	}
	return oddNumber(s)
}

func oddNumber(s string) (float64, bool) {
	if d, ok := Duration(s); ok {
		return float64(d), true
	}
	for _, u := range sizes {
		if digits, ok := strings.CutSuffix(s, u.name); ok {
			f, err := strconv.ParseFloat(digits, 64)
			return f * u.size, err == nil
		}
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Is4() {
		return float64(ipv4(a)), true
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return float64(t.UnixNano()), true
	}
	return 0, false
}

func ipv4(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func formatFloat(f float64) string {
	if math.IsNaN(f) {
		return "NaN"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// less orders values as sort does: numbers by size, then runs of digits
// within texts by size, then byte by byte.
func less(a, b string) bool {
	x, okX := number(a)
	y, okY := number(b)
	if okX && okY {
		return x < y
	}
	return natural(a, b)
}

func natural(a, b string) bool {
	for a != "" && b != "" {
		n, m := digits(a), digits(b)
		if n > 0 && m > 0 {
			x, y := strings.TrimLeft(a[:n], "0"), strings.TrimLeft(b[:m], "0")
			if len(x) != len(y) {
				return len(x) < len(y)
			}
			if x != y {
				return x < y
			}
			a, b = a[n:], b[m:]
			continue
		}
		if a[0] != b[0] {
			return a[0] < b[0]
		}
		a, b = a[1:], b[1:]
	}
	return len(a) < len(b)
}

func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}
