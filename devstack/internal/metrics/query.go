package metrics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/engine"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

const (
	maxQueryLength = 16384
	maxPoints      = 30000
	maxTimeout     = 30 * time.Second
	// The real server looks at its deadline between steps only, so that a
	// tiny timeout does not hit.
	minTimeout = 5 * time.Second
	// From so many points on the real server aligns a range to its step.
	alignFrom = 50
)

// asked is a query with the text that its errors begin with.
type asked struct {
	engine.Request
	what string
}

func (s *Server) query(w http.ResponseWriter, r *http.Request, at scope) {
	if preflight(w, r) {
		return
	}
	a := s.args(r)
	q := asked{Request: engine.Request{Query: a.queryText(), Source: reader{s.store, at}, Step: a.step()}}
	q.Start = a.time("time", a.now.UnixMilli())
	q.End, q.Filters = q.Start, a.filters()
	q.what = fmt.Sprintf("error when executing query=%q for (time=%d, step=%d)", q.Query, q.Start, q.Step)
	if a.err != nil {
		failJSON(w, http.StatusBadRequest, a.err.Error())
		return
	}
	if sel, width, offset, ok := engine.RangeSelector(q.Query, q.Step); ok {
		s.rawSamples(w, r, q, sel, q.Start-offset-width, q.Start-offset)
		return
	}
	s.answer(w, r, a, q, at, "vector")
}

func (s *Server) queryRange(w http.ResponseWriter, r *http.Request, at scope) {
	if preflight(w, r) {
		return
	}
	a := s.args(r)
	now := a.now.UnixMilli()
	q := asked{Request: engine.Request{Query: a.queryText(), Source: reader{s.store, at}}}
	q.Start, q.End, q.Step, q.Filters = a.time("start", now-defaultStep), a.time("end", now), a.step(), a.filters()
	if a.err != nil {
		failJSON(w, http.StatusBadRequest, a.err.Error())
		return
	}
	if q.End < q.Start {
		q.End = q.Start + defaultStep
	}
	q.what = fmt.Sprintf("error when executing query=%q on the time range (start=%d, end=%d, step=%d)", q.Query, q.Start, q.End, q.Step)
	if n := (q.End-q.Start)/q.Step + 1; n > maxPoints {
		failJSON(w, http.StatusUnprocessableEntity, fmt.Sprintf("%s: too many points for the given start=%d, end=%d and step=%d: %d; the maximum number of points is %d; (see -search.maxPointsPerTimeseries command-line flag)",
			q.what, q.Start, q.End, q.Step, n, maxPoints))
		return
	}
	if a.get("nocache") != "1" {
		q.Start, q.End = align(q.Start, q.End, q.Step)
	}
	s.answer(w, r, a, q, at, "matrix")
}

// align moves a range of many points to multiples of the step without adding points.
func align(start, end, step int64) (int64, int64) {
	n := (end-start)/step + 1
	if n < alignFrom {
		return start, end
	}
	start -= start % step
	if rest := end % step; rest > 0 {
		end += step - rest
	}
	for (end-start)/step+1 > n {
		end -= step
	}
	return start, end
}

func (a *args) queryText() string {
	text := a.get("query")
	if text == "" {
		a.fail(errors.New("missing `query` arg"))
	}
	if len(text) > maxQueryLength {
		a.fail(fmt.Errorf("too long query; got %d bytes; mustn't exceed `-search.maxQueryLen=%d` bytes", len(text), maxQueryLength))
	}
	return text
}

// timeout is the caller's, within bounds; an unreadable one counts as absent.
func (a *args) timeout() time.Duration {
	ms, err := parseDuration(a.get("timeout"))
	if err != nil || ms <= 0 {
		return maxTimeout
	}
	return min(max(time.Duration(ms)*time.Millisecond, minTimeout), maxTimeout)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, a *args, q asked, at scope, kind string) {
	digits := a.limit("round_digits")
	if a.err != nil {
		failJSON(w, http.StatusBadRequest, a.err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), a.timeout())
	defer cancel()
	began := time.Now()
	answer, err := s.run(ctx, q.Request)
	if err != nil {
		s.failQuery(w, q, err)
		return
	}
	if a.get("round_digits") != "" {
		round(answer.Series, digits)
	}
	s.writeQuery(w, r, answer, at.cluster, kind, result{took: time.Since(began), trace: a.get("trace") == "1", what: q.Query})
}

// run evaluates a query when one of the few slots is free: each may hold much
// memory.
func (s *Server) run(ctx context.Context, q engine.Request) (engine.Answer, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
		return s.engine.Query(ctx, q)
	case <-ctx.Done():
		return engine.Answer{}, ctx.Err()
	}
}

func (s *Server) failQuery(w http.ResponseWriter, q asked, err error) {
	var syntax *engine.ParseError
	var eval *engine.EvalError
	switch {
	case errors.As(err, &syntax):
		failJSON(w, http.StatusBadRequest, q.what+": "+err.Error())
	case errors.As(err, &eval) && eval.Bare:
		failJSON(w, http.StatusUnprocessableEntity, err.Error())
	case errors.As(err, &eval):
		failJSON(w, http.StatusUnprocessableEntity, q.what+": "+err.Error())
	default:
		failJSON(w, http.StatusServiceUnavailable, q.what+": "+err.Error())
	}
}

// preflight answers OPTIONS for browsers.
func preflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// rawSamples answers an instant m[d]: the stored samples themselves.
func (s *Server) rawSamples(w http.ResponseWriter, r *http.Request, q asked, sel store.Selector, from, to int64) {
	series, err := q.Source.Select(r.Context(), engine.And(sel, q.Filters), from+1, to)
	if err != nil {
		s.failQuery(w, q, err)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	out := s.newOutput(w, r, streamType)
	defer out.close()
	out.buf = append(out.buf, `{"status":"success","data":{"resultType":"matrix","result":[`...)
	out.matrix(series)
	out.buf = append(out.buf, `]}}`...)
}
