package ingest

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// RemoteWrite reads a snappy-compressed remote write request, version 1.
func RemoteWrite(r io.Reader, sink Sink) error {
	body, err := io.ReadAll(io.LimitReader(r, maxBody))
	if err != nil {
		return err
	}
	size, err := snappy.DecodedLen(body)
	if err == nil && size > maxBody {
		return fmt.Errorf("cannot decompress snappy-encoded request: %d bytes are more than %d", size, maxBody)
	}
	raw, err := snappy.Decode(nil, body)
	if err != nil {
		return fmt.Errorf("cannot decompress snappy-encoded request with length %d: snappy: corrupt input", len(body))
	}
	var req prompb.WriteRequest
	if err := req.Unmarshal(raw); err != nil {
		return fmt.Errorf("cannot unmarshal prompb.WriteRequest with size %d bytes: %w", len(raw), err)
	}
	return collectRemote(req, sink)
}

func collectRemote(req prompb.WriteRequest, sink Sink) error {
	c := newCollector(sink)
	for _, m := range req.Metadata {
		c.meta[m.MetricFamilyName] = store.Meta{Type: metricType(m.Type), Unit: m.Unit, Help: m.Help}
	}
	for i, ts := range req.Timeseries {
		all := map[string]string{}
		for _, l := range ts.Labels {
			all[l.Name] = l.Value
		}
		for _, s := range ts.Samples {
			parse := func() (labels.Labels, bool) { return fromMap(all), true }
			if err := c.add(fmt.Sprint(i), parse, s.Timestamp, s.Value); err != nil {
				return err
			}
		}
	}
	return c.flush()
}

func metricType(t prompb.MetricMetadata_MetricType) string {
	switch t {
	case prompb.MetricMetadata_COUNTER:
		return "counter"
	case prompb.MetricMetadata_GAUGE:
		return "gauge"
	case prompb.MetricMetadata_HISTOGRAM, prompb.MetricMetadata_GAUGEHISTOGRAM:
		return "histogram"
	case prompb.MetricMetadata_SUMMARY:
		return "summary"
	}
	return "unknown"
}
