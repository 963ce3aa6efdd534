package server

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/histogram"
	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

const (
	defaultGroups = 10
	maxGroups     = 200
)

var histogramTexts = texts{bad: "bad query params", failed: "histogram failed", invalid: "bad query params"}

// Histogram implements logsv1.LogsServiceServer.
func (s *Server) Histogram(ctx context.Context, in *logsv1.HistogramRequest) (*logsv1.HistogramResponse, error) {
	c, err := s.begin(ctx, histogramTexts, "")
	if err != nil {
		return nil, err
	}
	defer c.end()
	q, checked, err := c.selection(in.GetQuery(), in.GetStart(), in.GetEnd())
	if err != nil {
		return nil, err
	}
	step, err := histogram.ParseStep(in.GetStep())
	if err != nil {
		return nil, fault.New(fault.CodeInvalidRequest, err.Error()).WithField("step", "must be milliseconds or a duration such as 5m")
	}
	starts, err := histogram.Starts(window.Window{Start: q.Start, End: q.End}, step)
	if err != nil {
		return nil, fault.New(fault.CodeInvalidRequest, err.Error()).
			WithField("step", "the window must have 1 to %d steps", histogram.MaxBuckets)
	}
	counts, err := c.counts(q, checked, step, in)
	if err != nil {
		return nil, c.failure(err)
	}
	return histogramMessage(histogram.Build(starts, step, counts), in), nil
}

// selection reads the query and the window of a listing; what a pipe would
// join, cut or order is looked at row by row. A window above a day is clipped,
// with a warning.
func (c *call) selection(query, start, end string) (q victorialogs.Query, checked logsql.Checked, err error) {
	if checked, err = c.check(query); err != nil {
		return q, checked, err
	}
	w, err := c.window(start, end, window.Rules{})
	if err != nil {
		return q, checked, err
	}
	w, cut := w.Clip(window.Day)
	if cut {
		// Without a stream there is nobody to warn.
		_ = grpc.SetHeader(c.ctx, metadata.Pairs(rpc.KeyWarning, clipped))
	}
	return victorialogs.Query{Text: checked.RowsPart(), Asked: query, Start: w.Start, End: w.End}, checked, nil
}

// counts asks the back end's own counter, which looks at filters only; rows
// that pipes change or a sample are counted by a stats pipe.
func (c *call) counts(q victorialogs.Query, checked logsql.Checked, step time.Duration, in *logsv1.HistogramRequest) ([]histogram.Count, error) {
	limit := groups(in)
	if _, plain := checked.OnlyFilters(); plain && in.GetSampling() <= 1 {
		return c.hits(q, step, in.GetField(), limit)
	}
	if n := in.GetSampling(); n > 1 {
		q.Text += " | sample " + strconv.Itoa(int(n))
	}
	return c.bySteps(q, step, in.GetField(), limit)
}

func groups(in *logsv1.HistogramRequest) int {
	if n := int(in.GetLimit()); n > 0 && n <= maxGroups {
		return n
	}
	return defaultGroups
}

func (c *call) hits(q victorialogs.Query, step time.Duration, field string, limit int) ([]histogram.Count, error) {
	hq := victorialogs.HitsQuery{Query: q, Step: step}
	if field != "" {
		hq.Fields, hq.FieldsLimit = []string{field}, limit
	}
	hits, err := c.server.Backend.Hits(c.ctx, hq)
	if err != nil {
		return nil, err
	}
	var counts []histogram.Count
	for _, h := range hits {
		value, named := h.Fields[field]
		for i, at := range h.Timestamps {
			counts = append(counts, histogram.Count{At: at, Value: value, Rest: field != "" && !named, Rows: h.Values[i]})
		}
	}
	return counts, nil
}

// bySteps counts by a stats pipe; groups beyond the limit become the rest.
func (c *call) bySteps(q victorialogs.Query, step time.Duration, field string, limit int) ([]histogram.Count, error) {
	by := "_time:" + victorialogs.Duration(step)
	if field != "" {
		by += ", " + logsql.Quote(field)
	}
	q.Text += fmt.Sprintf(" | stats by (%s) count() as hits", by)
	var counts []histogram.Count
	_, err := c.server.each(c.ctx, q, func(r *row.Row) error {
		at, ok := r.Time()
		n, err := strconv.ParseUint(r.First("hits"), 10, 64)
		if !ok || err != nil || len(counts) >= maxCounts {
			return fault.New(fault.CodeQueryTooExpensive, c.failed).WithDetail("the field has too many values to group by")
		}
		value := ""
		if field != "" {
			value, _ = r.Get(field)
		}
		counts = append(counts, histogram.Count{At: at, Value: value, Rows: n})
		return nil
	})
	return histogram.Fold(counts, limit), err
}

// maxCounts bounds buckets times values.
const maxCounts = 1_000_000

func histogramMessage(h histogram.Histogram, in *logsv1.HistogramRequest) *logsv1.HistogramResponse {
	out := &logsv1.HistogramResponse{Sampled: in.GetSampling() > 1,
		Stats: &logsv1.HistogramStats{Buckets: int32(len(h.Starts)), SampleN: max(in.GetSampling(), 1), Total: float64(h.Total)}}
	for i, at := range h.Starts {
		out.Buckets = append(out.Buckets, &logsv1.HistogramBucket{Ts: float64(at.UnixMilli()), Count: float64(h.Counts[i])})
	}
	if in.GetField() == "" {
		return out
	}
	for _, g := range h.Groups {
		m := &logsv1.HistogramGroup{Key: g.Key, Total: float64(g.Total), Counts: make([]float64, len(g.Counts))}
		for i, n := range g.Counts {
			m.Counts[i] = float64(n)
		}
		out.Groups = append(out.Groups, m)
	}
	return out
}
