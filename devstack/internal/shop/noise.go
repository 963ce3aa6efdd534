package shop

import (
	"hash/fnv"
	"math"
	"time"
)

// Everything random in the story is a hash of the seed and of what is asked,
// never the next number of a generator: so any moment can be told alone.

// text is a number for a name.
func text(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return h.Sum64()
}

// mix folds the parts into one well-spread number (splitmix64's finaliser).
func mix(parts ...uint64) uint64 {
	var x uint64
	for _, part := range parts {
		x += part + 0x9e3779b97f4a7c15
		x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
		x = (x ^ (x >> 27)) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// fraction is a number in [0, 1) that only the parts decide.
func fraction(parts ...uint64) float64 {
	return float64(mix(parts...)>>11) / (1 << 53)
}

// Jitter is noise in [-1, 1] that differs at every moment.
func (s *Shop) Jitter(key string, t time.Time) float64 {
	return 2*fraction(s.Seed, text(key), uint64(t.UnixMilli())) - 1
}

// drift is noise in [-1, 1] that wanders: it is drawn once per period and
// blended in between.
func (s *Shop) drift(key string, t time.Time, period time.Duration) float64 {
	at := float64(t.UnixMilli()) / float64(period.Milliseconds())
	before := math.Floor(at)
	a := fraction(s.Seed, text(key), uint64(int64(before)))
	b := fraction(s.Seed, text(key), uint64(int64(before)+1))
	return 2*(a+(b-a)*smooth(at-before)) - 1
}

// smooth is a step from 0 to 1 without corners.
func smooth(x float64) float64 {
	x = math.Min(1, math.Max(0, x))
	return x * x * (3 - 2*x)
}
