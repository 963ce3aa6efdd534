package ingest

import (
	"fmt"
	"io"
	"maps"
	"strconv"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	metricsv1 "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// OTLP reads an OpenTelemetry metrics export request in protobuf. Names and
// attributes keep their dots; exponential histograms are left out.
func OTLP(r io.Reader, sink Sink) error {
	body, err := io.ReadAll(io.LimitReader(r, maxBody))
	if err != nil {
		return err
	}
	var req collectorv1.ExportMetricsServiceRequest
	if err := proto.Unmarshal(body, &req); err != nil {
		return fmt.Errorf("cannot unmarshal request from %d bytes: %w", len(body), err)
	}
	o := otlp{newCollector(sink)}
	for _, rm := range req.ResourceMetrics {
		if err := o.resource(rm); err != nil {
			return err
		}
	}
	return o.flush()
}

type otlp struct{ *collector }

func (o otlp) resource(rm *metricsv1.ResourceMetrics) error {
	for _, sm := range rm.ScopeMetrics {
		base := attributes(map[string]string{
			"scope.name":    sm.GetScope().GetName(),
			"scope.version": sm.GetScope().GetVersion(),
		}, rm.GetResource().GetAttributes())
		for _, m := range sm.Metrics {
			if err := o.metric(m, base); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o otlp) metric(m *metricsv1.Metric, base map[string]string) error {
	switch data := m.Data.(type) {
	case *metricsv1.Metric_Gauge:
		o.meta[m.Name] = store.Meta{Type: "gauge", Unit: m.Unit, Help: m.Description}
		return o.numbers(m.Name, data.Gauge.DataPoints, base)
	case *metricsv1.Metric_Sum:
		kind := "gauge"
		if data.Sum.IsMonotonic {
			kind = "counter"
		}
		o.meta[m.Name] = store.Meta{Type: kind, Unit: m.Unit, Help: m.Description}
		return o.numbers(m.Name, data.Sum.DataPoints, base)
	case *metricsv1.Metric_Histogram:
		o.meta[m.Name] = store.Meta{Type: "histogram", Unit: m.Unit, Help: m.Description}
		return o.histograms(m.Name, data.Histogram.DataPoints, base)
	case *metricsv1.Metric_Summary:
		o.meta[m.Name] = store.Meta{Type: "summary", Unit: m.Unit, Help: m.Description}
		return o.summaries(m.Name, data.Summary.DataPoints, base)
	}
	return nil
}

func (o otlp) numbers(name string, points []*metricsv1.NumberDataPoint, base map[string]string) error {
	for _, p := range points {
		v := p.GetAsDouble()
		if n, ok := p.Value.(*metricsv1.NumberDataPoint_AsInt); ok {
			v = float64(n.AsInt)
		}
		if err := o.sample(name, attributes(base, p.Attributes), p.TimeUnixNano, v); err != nil {
			return err
		}
	}
	return nil
}

func (o otlp) histograms(name string, points []*metricsv1.HistogramDataPoint, base map[string]string) error {
	for _, p := range points {
		all := attributes(base, p.Attributes)
		if err := o.totals(name, all, p.TimeUnixNano, p.Count, p.GetSum()); err != nil {
			return err
		}
		below := uint64(0)
		for i, n := range p.BucketCounts {
			below += n
			all["le"] = "+Inf"
			if i < len(p.ExplicitBounds) {
				all["le"] = formatBound(p.ExplicitBounds[i])
			}
			if err := o.sample(name+"_bucket", all, p.TimeUnixNano, float64(below)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o otlp) summaries(name string, points []*metricsv1.SummaryDataPoint, base map[string]string) error {
	for _, p := range points {
		all := attributes(base, p.Attributes)
		if err := o.totals(name, all, p.TimeUnixNano, p.Count, p.Sum); err != nil {
			return err
		}
		for _, q := range p.QuantileValues {
			all["quantile"] = formatBound(q.Quantile)
			if err := o.sample(name, all, p.TimeUnixNano, q.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o otlp) totals(name string, all map[string]string, nanos, count uint64, sum float64) error {
	if err := o.sample(name+"_count", all, nanos, float64(count)); err != nil {
		return err
	}
	return o.sample(name+"_sum", all, nanos, sum)
}

func (o otlp) sample(name string, all map[string]string, nanos uint64, v float64) error {
	all[model.MetricNameLabel] = name
	l := fromMap(all)
	delete(all, model.MetricNameLabel)
	return o.add(l.String(), func() (labels.Labels, bool) { return l, true }, int64(nanos/1e6), v)
}

// attributes returns base with the attributes laid over it.
func attributes(base map[string]string, kvs []*commonv1.KeyValue) map[string]string {
	all := maps.Clone(base)
	for _, kv := range kvs {
		all[kv.Key] = attribute(kv.Value)
	}
	return all
}

func attribute(v *commonv1.AnyValue) string {
	switch v := v.GetValue().(type) {
	case *commonv1.AnyValue_StringValue:
		return v.StringValue
	case *commonv1.AnyValue_BoolValue:
		return strconv.FormatBool(v.BoolValue)
	case *commonv1.AnyValue_IntValue:
		return strconv.FormatInt(v.IntValue, 10)
	case *commonv1.AnyValue_DoubleValue:
		return formatBound(v.DoubleValue)
	}
	return v.String()
}

func formatBound(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
