package ingest

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

type jsonLine struct {
	Metric     map[string]string `json:"metric"`
	Values     []jsonValue       `json:"values"`
	Timestamps []int64           `json:"timestamps"`
}

// jsonValue is a number, null for NaN, or one of the words for infinity.
type jsonValue float64

// UnmarshalJSON reads a value as the export format writes it.
func (v *jsonValue) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" {
		*v = jsonValue(math.NaN())
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	*v = jsonValue(f)
	return err
}

// JSONLines reads the format of /api/v1/import: one series a line.
func JSONLines(r io.Reader, sink Sink) error {
	c := newCollector(sink)
	return c.lines(r, func(line string) error {
		var l jsonLine
		if json.Unmarshal([]byte(line), &l) != nil || len(l.Values) != len(l.Timestamps) || len(l.Metric) == 0 {
			return nil
		}
		return c.putLine(l)
	})
}

func (c *collector) putLine(l jsonLine) error {
	s := store.Series{Labels: fromMap(l.Metric)}
	for i, v := range l.Values {
		if !math.IsNaN(float64(v)) {
			s.T, s.V = append(s.T, l.Timestamps[i]), append(s.V, float64(v))
		}
	}
	c.series = append(c.series, s)
	if c.samples += len(s.T); c.samples >= batchLimit {
		return c.flush()
	}
	return nil
}

// Influx reads the line protocol: each field becomes measurement_field; times
// are nanoseconds, absent ones become at (Unix milliseconds).
func Influx(r io.Reader, at int64, sink Sink) error {
	c := newCollector(sink)
	return c.lines(r, func(line string) error {
		parts := strings.Fields(line)
		if len(parts) < 2 || parts[0][0] == '#' {
			return nil
		}
		t := at
		if len(parts) > 2 {
			if ns, err := strconv.ParseInt(parts[2], 10, 64); err == nil {
				t = ns / 1e6
			}
		}
		return c.influxFields(parts[0], parts[1], t)
	})
}

func (c *collector) influxFields(key, fields string, t int64) error {
	tags := strings.Split(key, ",")
	for _, field := range strings.Split(fields, ",") {
		name, text, _ := strings.Cut(field, "=")
		v, err := strconv.ParseFloat(strings.TrimSuffix(text, "i"), 64)
		if err != nil {
			continue
		}
		parse := func() (labels.Labels, bool) { return influxLabels(tags, name), true }
		if err := c.add(key+" "+name, parse, t, v); err != nil {
			return err
		}
	}
	return nil
}

func influxLabels(tags []string, field string) labels.Labels {
	all := map[string]string{model.MetricNameLabel: tags[0] + "_" + field}
	for _, tag := range tags[1:] {
		name, value, _ := strings.Cut(tag, "=")
		all[name] = value
	}
	return fromMap(all)
}
