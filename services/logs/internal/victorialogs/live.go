package victorialogs

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

// TailQuery asks for rows as they arrive.
type TailQuery struct {
	// Text and Asked as in Query. Pipes that need all rows are refused.
	Text, Asked string
	// StartOffset replays so much of the past first; 0 means nothing.
	StartOffset time.Duration
	// Offset is how long the back end waits for late rows; 0 means its own, 5 s.
	Offset time.Duration
	// Refresh is the time between two looks; 0 means the back end's own, 1 s.
	Refresh time.Duration
}

// Tail gives rows as they arrive, until the context ends or the rows are
// closed. The headers arrive at once, even when no row does.
func (c *Client) Tail(ctx context.Context, q TailQuery) (*Rows, error) {
	v := url.Values{"query": {q.Text}}
	for name, d := range map[string]time.Duration{"start_offset": q.StartOffset, "offset": q.Offset, "refresh_interval": q.Refresh} {
		if d > 0 {
			v.Set(name, Duration(d))
		}
	}
	return c.stream(ctx, "tail", Query{Text: q.Text, Asked: q.Asked}, v)
}

// InsertRequest stores rows.
type InsertRequest struct {
	// Body has one JSON object a line. Lines that the back end cannot read are
	// lost without a word, so they must be checked before.
	Body []byte
	// StreamFields make up the stream of a row.
	StreamFields []string
}

// Insert stores rows whose time is in _time and whose message is in _msg. It is
// tried once: a second try could store them twice.
func (c *Client) Insert(ctx context.Context, r InsertRequest) error {
	header, _, err := tenancy(ctx)
	if err != nil {
		return err
	}
	header.Set("Content-Type", "application/stream+json")
	v := url.Values{"_time_field": {"_time"}, "_msg_field": {"_msg"}}
	if len(r.StreamFields) > 0 {
		v.Set("_stream_fields", strings.Join(r.StreamFields, ","))
	}
	res, err := c.pool.Do(ctx, upstream.Request{Method: http.MethodPost, Header: header,
		Target: upstream.Target{Path: "/insert/jsonline", Query: v.Encode(), Body: r.Body}})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.Status/100 != 2 {
		return fault.New(fault.CodeBackendFailed, msgFailed).WithDetail("the back end refused the rows").
			Wrap(backendError{status: res.Status, text: readError(res)})
	}
	return nil
}
