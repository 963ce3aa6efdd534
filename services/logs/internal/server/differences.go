package server

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/difference"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

const (
	defaultDifferences = 20
	maxDifferences     = 200
)

var differenceTexts = texts{bad: "Invalid comparison request", failed: "Log comparison failed"}

// Differences implements logsv1.LogsServiceServer.
func (s *Server) Differences(ctx context.Context, in *logsv1.DifferencesRequest) (*logsv1.DifferencesResponse, error) {
	c, err := s.begin(ctx, differenceTexts, "")
	if err != nil {
		return nil, err
	}
	defer c.end()
	q, err := c.rowQuery(in.GetQuery())
	if err != nil {
		return nil, err
	}
	bad, good, err := c.windows(in)
	if err != nil {
		return nil, err
	}
	limit, err := c.ranked(in.GetLimit(), defaultDifferences, maxDifferences)
	if err != nil {
		return nil, err
	}
	d := comparison{call: c, bad: within(q, bad), good: within(q, good)}
	if err := d.run(split(in.GetFields())); err != nil {
		return nil, c.failure(err)
	}
	out := d.message(difference.Rank(d.values, d.rowsOf, limit))
	out.GoodStart, out.GoodEnd = stamp(good.Start), stamp(good.End)
	return &logsv1.DifferencesResponse{Status: "success", Data: out}, nil
}

func within(q victorialogs.Query, w window.Window) victorialogs.Query {
	q.Start, q.End = w.Start, w.End
	return q
}

// windows reads both; the good one is by default just before the bad one.
func (c *call) windows(in *logsv1.DifferencesRequest) (bad, good window.Window, err error) {
	if bad, err = c.between("bad", in.GetBadStart(), in.GetBadEnd(), window.Window{}); err != nil {
		return bad, good, err
	}
	good = window.Window{Start: bad.Start.Add(-bad.Length()), End: bad.Start.Add(-1)}
	good, err = c.between("good", in.GetGoodStart(), in.GetGoodEnd(), good)
	return bad, good, err
}

// between reads the window of the name; its ends have fallbacks, unless zero.
func (c *call) between(name, start, end string, w window.Window) (window.Window, error) {
	for _, e := range []struct {
		field, text string
		to          *time.Time
	}{{name + "_start", start, &w.Start}, {name + "_end", end, &w.End}} {
		if e.text == "" && e.to.IsZero() {
			return w, fault.New(fault.CodeInvalidRequest, c.bad).WithField(e.field, "is required")
		}
		if e.text == "" {
			continue
		}
		t, err := timeparam.Time(e.field, e.text, c.began)
		if err != nil {
			return w, rename(err, c.bad)
		}
		*e.to = t
	}
	if !w.Start.Before(w.End) {
		return w, fault.New(fault.CodeInvalidTime, c.bad).WithField(name+"_start", "the window ends before it begins")
	}
	if longest := c.server.Limits.Range; w.Length() > longest {
		return w, fault.New(fault.CodeQueryTooExpensive, c.bad).WithField(name+"_start", "the window is longer than %s", longest)
	}
	return w, nil
}

func (d *comparison) message(found []difference.Difference) *logsv1.Differences {
	out := &logsv1.Differences{BadRows: float64(d.rows.Bad), GoodRows: float64(d.rows.Good), Skipped: d.skipped}
	for _, f := range found {
		out.Differences = append(out.Differences, &logsv1.Difference{Field: f.Field, Value: f.Value.Value,
			Bad: float64(f.Bad), Good: float64(f.Good), BadShare: f.BadShare, GoodShare: f.GoodShare,
			Score: f.Score, Kind: string(f.Kind)})
	}
	return out
}
