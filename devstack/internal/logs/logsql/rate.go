package logsql

import (
	"math"
)

func newRate(name string, c *call, of names, each making) reduction {
	sum := 0.0
	finish := func() string {
		if w := c.seconds(); w > 0 {
			return formatFloat(sum / w)
		}
		return formatFloat(sum)
	}
	if name == "rate" {
		n := &counting{of: of}
		return &wrapped{n, func() string { sum = float64(n.n); return finish() }}
	}
	return each(func(v string) {
		if x, ok := number(v); ok {
			sum += x
		}
	}, finish)
}

// wrapped has another result.
type wrapped struct {
	reduction
	finish func() string
}

func (w *wrapped) result() string { return w.finish() }

// seconds is the time that a rate is about: the step of a range query or all of it.
func (c *call) seconds() float64 {
	for _, p := range c.query.pipes {
		if s, ok := p.(*statsPipe); ok && s.step > 0 {
			return float64(s.step) / 1e9
		}
	}
	start, end := c.query.Window()
	if start == math.MinInt64 || end == math.MaxInt64 {
		return 0
	}
	return float64(end-start+1) / 1e9
}
