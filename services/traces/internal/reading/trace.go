package reading

import (
	"context"
	"io"

	"github.com/platformbuilds/mirador-core/services/traces/internal/relay"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

const (
	jaegerBegin = `{"data":[`
	jaegerEnd   = `],"total":0,"limit":0,"offset":0,"errors":null`
)

// Trace writes one trace in Jaeger's shape; with links also where its other
// views are.
func (s *Service) Trace(ctx context.Context, to relay.Stream, traceID string, links bool) error {
	id, err := trace.ParseID("traceId", traceID)
	if err != nil {
		return err
	}
	c, err := s.begin(ctx, failedTrace, s.Limits.Timeout, relays)
	if err != nil {
		return err
	}
	defer c.end()
	b := relay.NewBody(to)
	if _, err := b.Write([]byte(jaegerBegin)); err != nil {
		return err
	}
	count, err := s.copyTrace(c, b, id)
	if err != nil {
		return failed(err, c.message)
	}
	if count == 0 {
		return unknown(id)
	}
	end := jaegerEnd
	if links {
		end += `,"links":` + linksOf(id)
	}
	return finish(b, end+"}")
}

// linksOf a trace: paths of this API.
func linksOf(id string) string {
	at := "/api/v1/traces/" + id
	return `{"logs":"` + at + `/logs","flamegraph":"` + at + `/flamegraph","criticalPath":"` + at + `/critical-path"}`
}

// copyTrace writes the trace and tells how many elements that were.
func (s *Service) copyTrace(c *call, b *relay.Body, id string) (int, error) {
	body, err := s.Backend.Trace(c.ctx, c.id, id)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return elements(c, b, body)
}

// elements of the back end's data: as they come, or without what the caller
// may not see.
func elements(c *call, b *relay.Body, body io.Reader) (count int, err error) {
	if c.scope.All() {
		return b.Elements(body)
	}
	err = trace.Split(body, c.scope.Keep(), func(raw trace.Raw) error {
		if count++; count > 1 {
			raw.JSON = append([]byte{','}, raw.JSON...)
		}
		_, err := b.Write(raw.JSON)
		return err
	})
	return count, err
}

// tree of one trace, and how many spans are not in it.
func (s *Service) tree(c *call, id string) (tree *trace.Tree, left int, err error) {
	body, err := s.Backend.Trace(c.ctx, c.id, id)
	if err != nil {
		return nil, 0, failed(err, c.message)
	}
	defer body.Close()
	var whole trace.Trace
	err = trace.Read(body, trace.Limits{MaxSpans: s.Limits.MaxSpans, Keep: c.scope.Keep()}, func(t *trace.Trace) error {
		// There is one; a back end that sends it in parts means the same.
		whole.Spans, whole.Left = append(whole.Spans, t.Spans...), whole.Left+t.Left
		return nil
	})
	if err != nil {
		return nil, 0, failed(err, c.message)
	}
	if len(whole.Spans) == 0 {
		return nil, 0, unknown(id)
	}
	whole.ID = id
	return trace.NewTree(&whole), whole.Left, nil
}

// warnLeft tells that a trace is larger than what was looked at.
func warnLeft(b *relay.Body, left int) {
	if left > 0 {
		b.Warn("%d spans are beyond the limit of this server and were left out", left)
	}
}
