package ingest

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// column is what one CSV column means.
type column struct {
	index      int
	kind, name string
}

// CSV reads comma separated rows by a format such as
// "1:label:host,2:metric:cpu,3:time:unix_s". An unreadable format is an error,
// an unreadable row is skipped.
func CSV(r io.Reader, format string, at int64, sink Sink) error {
	columns, err := parseFormat(format)
	if err != nil {
		return err
	}
	c := newCollector(sink)
	return c.lines(r, func(line string) error {
		row, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil {
			return nil
		}
		return c.csvRow(row, columns, at)
	})
}

func parseFormat(format string) ([]column, error) {
	var out []column
	for _, part := range strings.Split(format, ",") {
		f := strings.SplitN(part, ":", 3)
		index, err := strconv.Atoi(f[0])
		if err != nil || len(f) != 3 || index < 1 {
			return nil, fmt.Errorf("cannot parse the provided csv format: %q", part)
		}
		out = append(out, column{index: index - 1, kind: f[1], name: f[2]})
	}
	return out, nil
}

func (c *collector) csvRow(row []string, columns []column, at int64) error {
	tags := map[string]string{}
	for _, col := range columns {
		if col.index >= len(row) {
			return nil
		}
		switch col.kind {
		case "label":
			tags[col.name] = row[col.index]
		case "time":
			if t, ok := csvTime(row[col.index], col.name); ok {
				at = t
			}
		}
	}
	return c.csvMetrics(row, columns, tags, at)
}

func (c *collector) csvMetrics(row []string, columns []column, tags map[string]string, t int64) error {
	for _, col := range columns {
		v, err := strconv.ParseFloat(row[col.index], 64)
		if col.kind != "metric" || err != nil {
			continue
		}
		tags[model.MetricNameLabel] = col.name
		l := fromMap(tags)
		if err := c.add(l.String(), func() (labels.Labels, bool) { return l, true }, t, v); err != nil {
			return err
		}
	}
	return nil
}

func csvTime(text, format string) (int64, bool) {
	if layout, ok := strings.CutPrefix(format, "custom:"); ok {
		t, err := time.Parse(layout, text)
		return t.UnixMilli(), err == nil
	}
	if format == "rfc3339" {
		t, err := time.Parse(time.RFC3339, text)
		return t.UnixMilli(), err == nil
	}
	n, err := strconv.ParseFloat(text, 64)
	switch format {
	case "unix_s":
		n *= 1e3
	case "unix_ns":
		n /= 1e6
	}
	return int64(n), err == nil
}
