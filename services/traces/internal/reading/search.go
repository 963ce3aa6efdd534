package reading

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/relay"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

const (
	// searchWindow is the length of a window without a start, mapWindow that of
	// a service map.
	searchWindow = 24 * time.Hour
	mapWindow    = time.Hour
)

// Query is a search as a client wrote it.
type Query struct {
	criteria.Search
	// Timeout as the client wrote it; "" means the server's own.
	Timeout string
	// In is what stands before names of fields in faults: "/" for members of a
	// body, empty for parameters.
	In string
}

func (s *Service) reader(message, in string, window time.Duration) criteria.Reader {
	return criteria.Reader{Message: message, In: in, Default: window, MaxRange: s.Limits.MaxRange, Now: s.Now()}
}

// search begins a search.
func (s *Service) search(ctx context.Context, q Query, does work) (*call, criteria.Criteria, error) {
	reader := s.reader(badSearch, q.In, searchWindow)
	w, err := reader.Search(q.Search)
	if err != nil {
		return nil, w, err
	}
	timeout, err := reader.Timeout(q.Timeout, s.Limits.Timeout)
	if err != nil {
		return nil, w, err
	}
	if w.Service == "" {
		// The answers for all services are merged.
		does = decodes
	}
	c, err := s.begin(ctx, failedSearch, timeout, does)
	return c, w, err
}

// Search writes the traces that match; while the back end is away none, and
// that it is away.
func (s *Service) Search(ctx context.Context, to relay.Stream, q Query) error {
	c, w, err := s.search(ctx, q, relays)
	if err != nil {
		return err
	}
	defer c.end()
	b := relay.NewBody(to)
	if _, err := b.Write([]byte(`{"status":"success","data":{"traces":[`)); err != nil {
		return err
	}
	count, err := s.copyFound(c, b, w)
	if err != nil {
		return s.searchFailed(c, b, to, w, err)
	}
	return finish(b, s.searchEnd(c, w, count, ""))
}

func (s *Service) searchFailed(c *call, b *relay.Body, to relay.Stream, w criteria.Criteria, err error) error {
	err = failed(err, c.message)
	if b.Opened() || !away(err) {
		return err
	}
	b = relay.NewBody(to)
	b.Degraded(backend)
	return finish(b, `{"status":"success","data":{"traces":[`+s.searchEnd(c, w, 0, `,"degraded":true,"backend":"`+backend+`"`))
}

// searchEnd follows the traces.
func (s *Service) searchEnd(c *call, w criteria.Criteria, count int, more string) string {
	found := strconv.Itoa(count)
	return `],"total":` + found + `},"metadata":{"limit":` + strconv.Itoa(w.Limit) +
		`,"searchTime":` + strconv.FormatInt(s.Now().Sub(c.began).Milliseconds(), 10) + `,"tracesFound":` + found + more + `}}`
}

// copyFound writes the traces that match, with commas between them.
func (s *Service) copyFound(c *call, b *relay.Body, w criteria.Criteria) (int, error) {
	if w.Service == "" {
		list, err := s.newest(c, b, w)
		for i, raw := range list {
			if i > 0 {
				raw.JSON = append([]byte{','}, raw.JSON...)
			}
			if _, err := b.Write(raw.JSON); err != nil {
				return i, err
			}
		}
		return len(list), err
	}
	body, err := s.found(c, w)
	if err != nil || body == nil {
		return 0, err
	}
	defer body.Close()
	return elements(c, b, body)
}

// found asks for the traces of one service; nil for one that the caller may
// not see.
func (s *Service) found(c *call, w criteria.Criteria) (io.ReadCloser, error) {
	if !c.scope.Allows(w.Service) {
		return nil, nil
	}
	return s.Backend.Search(c.ctx, c.id, w)
}

// eachFound gives the spans of every trace that matches to each.
func (s *Service) eachFound(c *call, b *relay.Body, w criteria.Criteria, each func(*trace.Trace) error) error {
	limits := trace.Limits{MaxSpans: s.Limits.MaxSpans, Keep: c.scope.Keep()}
	if w.Service == "" {
		list, err := s.newest(c, b, w)
		if err != nil {
			return err
		}
		return readList(list, limits, each)
	}
	body, err := s.found(c, w)
	if err != nil || body == nil {
		return err
	}
	defer body.Close()
	return trace.Read(body, limits, each)
}
