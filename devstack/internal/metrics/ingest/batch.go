// Package ingest decodes what writers send (Prometheus text, JSON lines, CSV,
// Influx lines, remote write, OTLP) into series. Like the real server it skips
// lines it cannot read and drops NaN samples.
package ingest

import (
	"bufio"
	"io"
	"math"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

const (
	maxLine    = 32 << 20
	maxBody    = 64 << 20
	batchLimit = 50_000
)

// Batch is a bounded part of a write.
type Batch struct {
	Series []store.Series
	Meta   map[string]store.Meta
}

// Sink takes the parts of a write one after the other.
type Sink func(Batch) error

// collector gathers samples by series until a batch is full.
type collector struct {
	sink    Sink
	known   map[string]int
	series  []store.Series
	meta    map[string]store.Meta
	samples int
}

func newCollector(sink Sink) *collector {
	return &collector{sink: sink, known: map[string]int{}, meta: map[string]store.Meta{}}
}

// add appends a sample to the series that was first written as raw; parse is
// asked once per batch for its labels.
func (c *collector) add(raw string, parse func() (labels.Labels, bool), t int64, v float64) error {
	i, ok := c.known[raw]
	if !ok {
		l, good := parse()
		if !good {
			return nil
		}
		i = len(c.series)
		c.known[strings.Clone(raw)] = i
		c.series = append(c.series, store.Series{Labels: l})
	}
	return c.put(i, t, v)
}

func (c *collector) put(i int, t int64, v float64) error {
	if math.IsNaN(v) {
		return nil
	}
	s := &c.series[i]
	s.T, s.V = append(s.T, t), append(s.V, v)
	if c.samples++; c.samples >= batchLimit {
		return c.flush()
	}
	return nil
}

func (c *collector) flush() error {
	b := Batch{Series: c.series, Meta: c.meta}
	c.known, c.series, c.meta, c.samples = map[string]int{}, nil, map[string]store.Meta{}, 0
	if len(b.Series) == 0 && len(b.Meta) == 0 {
		return nil
	}
	return c.sink(b)
}

// lines calls do for every line that is not blank and flushes at the end.
func (c *collector) lines(r io.Reader, do func(line string) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		if line == "" {
			continue
		}
		if err := do(line); err != nil {
			return err
		}
	}
	if err := sc.Err(); err != nil {
		return err
	}
	return c.flush()
}

// fromMap makes labels and leaves out the empty ones, which mean absent.
func fromMap(m map[string]string) labels.Labels {
	b := labels.NewScratchBuilder(len(m))
	for k, v := range m {
		if k != "" && v != "" {
			b.Add(k, v)
		}
	}
	b.Sort()
	return b.Labels()
}
