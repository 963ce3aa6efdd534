package victoriatraces

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
)

// Trace gives the answer to a trace id of 32 digits: {"data":[trace],...},
// which must be closed. Jaeger refuses an unknown id, which is the fault
// not_found; VictoriaTraces answers it with empty data.
func (c *Client) Trace(ctx context.Context, id *identity.Identity, traceID string) (io.ReadCloser, error) {
	body, err := c.get(ctx, id, jaeger+"traces/"+url.PathEscape(traceID), nil)
	var r *refusal
	if errors.As(err, &r) && r.unknownTrace() {
		return nil, fault.New(fault.CodeNotFound, "Trace not found").Wrap(err)
	}
	return body, judged(err)
}

// Search gives the answer to a search: {"data":[trace...],...}, newest traces
// first, which must be closed. The criteria must name a service.
func (c *Client) Search(ctx context.Context, id *identity.Identity, w criteria.Criteria) (io.ReadCloser, error) {
	body, err := c.get(ctx, id, jaeger+"traces", searchQuery(w))
	return body, judged(err)
}

// searchQuery in the back end's own terms. Whatever the caller thought of, no
// limit leaves that ends the process there.
func searchQuery(w criteria.Criteria) url.Values {
	v := url.Values{
		"service": {w.Service},
		"start":   {micros(w.Start)},
		"end":     {micros(w.End)},
		"limit":   {strconv.Itoa(criteria.Limit(w.Limit))},
	}
	if w.Operation != "" {
		v.Set("operation", w.Operation)
	}
	if len(w.Tags) > 0 {
		if raw, err := json.Marshal(w.Tags); err == nil {
			v.Set("tags", string(raw))
		}
	}
	if w.MinDuration > 0 {
		v.Set("minDuration", w.MinDuration.String())
	}
	if w.MaxDuration > 0 {
		v.Set("maxDuration", w.MaxDuration.String())
	}
	return v
}

func micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }
