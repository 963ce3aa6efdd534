package server

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/pattern"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

const (
	defaultPatterns = 50
	maxPatterns     = 500
	// maxMined is the number of rows, the newest, that are looked at for patterns.
	maxMined = 50_000
)

var (
	patternTexts = texts{bad: "Invalid pattern request", failed: "Log patterns failed"}
	levelFields  = []string{"level", "severity"}
)

// Patterns implements logsv1.LogsServiceServer.
func (s *Server) Patterns(ctx context.Context, in *logsv1.PatternsRequest) (*logsv1.PatternsResponse, error) {
	c, err := s.begin(ctx, patternTexts, "")
	if err != nil {
		return nil, err
	}
	defer c.end()
	q, err := c.rowQuery(in.GetQuery())
	if err != nil {
		return nil, err
	}
	w, err := c.window(in.GetStart(), in.GetEnd(), window.Rules{Length: time.Hour})
	if err != nil {
		return nil, err
	}
	since, err := c.since(in.GetSince(), w)
	if err != nil {
		return nil, err
	}
	limit, err := c.ranked(in.GetLimit(), defaultPatterns, maxPatterns)
	if err != nil {
		return nil, err
	}
	m := pattern.New(pattern.Limits{})
	mined, err := c.mine(m, q, w, pattern.Asked, maxMined)
	if err != nil {
		return nil, c.failure(err)
	}
	if err := c.mineBefore(m, q, mined.from(w), w.End, since); err != nil {
		return nil, c.failure(err)
	}
	return patternsMessage(m.Result(), mined, since, limit), nil
}

// rowQuery reads a query whose rows are log rows.
func (c *call) rowQuery(query string) (victorialogs.Query, error) {
	checked, err := c.check(query)
	if err != nil {
		return victorialogs.Query{}, err
	}
	if p, ok := checked.RowByRow(); !ok {
		return victorialogs.Query{}, fault.Newf(fault.CodeQueryInvalid, "%slog rows are wanted: the pipe %q is not possible", invalidQuery, p.Name).
			WithField("query", "the pipe %q does not give log rows", p.Name)
	}
	return victorialogs.Query{Text: checked.Text, Asked: query}, nil
}

// since reads the time from which a pattern is new; zero means none is.
func (c *call) since(text string, w window.Window) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	since, err := timeparam.Time("since", text, c.began)
	if err != nil {
		return since, rename(err, c.bad)
	}
	if since.After(w.End) || w.End.Sub(since) > c.server.Limits.Range {
		return since, fault.New(fault.CodeInvalidTime, c.bad).WithField("since", "must be within %s before the end of the window", c.server.Limits.Range)
	}
	return since, nil
}

// ranked reads the length of a list; 0 means the fallback.
func (c *call) ranked(asked int32, fallback, most int) (int, error) {
	switch n := int(asked); {
	case n == 0:
		return fallback, nil
	case n < 0 || n > most:
		return 0, fault.New(fault.CodeInvalidRequest, c.bad).WithField("limit", "must be 1 to %d", most)
	default:
		return n, nil
	}
}

func patternsMessage(found pattern.Result, looked mined, since time.Time, limit int) *logsv1.PatternsResponse {
	out := &logsv1.Patterns{Rows: float64(found.Rows[pattern.Asked]), Sampled: !looked.all, Dropped: int32(found.Dropped)}
	for _, p := range found.Patterns {
		if p.Count[pattern.Asked] == 0 || len(out.Patterns) == limit {
			break
		}
		out.Patterns = append(out.Patterns, &logsv1.Pattern{
			Id: p.ID, Template: p.Template, Count: float64(p.Count[pattern.Asked]), Sample: p.Sample,
			FirstSeen: moment(p.First), LastSeen: moment(p.Last),
			New:      !since.IsZero() && !p.First.Before(since) && p.Count[pattern.Compared] == 0,
			Services: named(p.Services), Levels: named(p.Levels),
		})
	}
	return &logsv1.PatternsResponse{Status: "success", Data: out}
}

// moment is a time that may be unknown.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

func named(values []pattern.Value) []*logsv1.FacetBucket {
	var out []*logsv1.FacetBucket
	for _, v := range values {
		out = append(out, &logsv1.FacetBucket{Key: v.Key, Count: float64(v.Count)})
	}
	return out
}
