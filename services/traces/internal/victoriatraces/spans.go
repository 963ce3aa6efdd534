package victoriatraces

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

const (
	// maxLine of an answer in NDJSON, in bytes.
	maxLine = 1 << 20
	// spanQueries is the feature of rows that are spans.
	spanQueries = "logsql"
	serviceName = "resource_attr:service.name"
)

// Counts tells how many spans each service has in the window by kind and
// status, or gives ErrUnsupported. A span lies where it ends.
func (c *Client) Counts(ctx context.Context, id *identity.Identity, w criteria.Window) ([]servicemap.Count, error) {
	var counts []servicemap.Count
	v := rows(w, `* | stats by (`+strconv.Quote(serviceName)+`,kind,status_code) count() n`)
	err := c.lines(ctx, id, v, func(line []byte) error {
		var row struct {
			spanRow
			N string
		}
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		n, err := strconv.ParseFloat(row.N, 64)
		counts = append(counts, servicemap.Count{Service: row.Service, Kind: row.kind(), Error: row.failed(), Spans: n})
		return err
	})
	return counts, err
}

// Spans gives the spans of the window to each, at most limit of them and then
// the newest, or gives ErrUnsupported. With a suffix these are only the traces
// whose id ends with it.
func (c *Client) Spans(ctx context.Context, id *identity.Identity, w criteria.Window, suffix string, limit int,
	each func(traceID string, s trace.Span)) error {
	v := rows(w, spansQuery(suffix))
	v.Set("limit", strconv.Itoa(max(1, limit)))
	return c.lines(ctx, id, v, func(line []byte) error {
		var row spanRow
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		each(row.TraceID, row.span())
		return nil
	})
}

// spansQuery takes hexadecimal digits only, so nothing needs escaping.
func spansQuery(suffix string) string {
	query := "*"
	if suffix != "" && strings.Trim(suffix, "0123456789abcdef") == "" {
		query = `trace_id:~"` + suffix + `$"`
	}
	fields := []string{"trace_id", "span_id", "parent_span_id", "name", "kind", "status_code", "duration", strconv.Quote(serviceName)}
	fields = append(fields, `"span_attr:peer.service"`, `"span_attr:db.system"`, `"span_attr:db.system.name"`, `"span_attr:messaging.system"`,
		`"link:0:link_trace_id"`, `"link:0:link_span_id"`)
	return query + " | fields " + strings.Join(fields, ",")
}

func rows(w criteria.Window, query string) url.Values {
	return url.Values{"query": {query},
		"start": {w.Start.UTC().Format(time.RFC3339Nano)}, "end": {w.End.UTC().Format(time.RFC3339Nano)}}
}

// lines gives every line of the answer to each.
func (c *Client) lines(ctx context.Context, id *identity.Identity, v url.Values, each func(line []byte) error) error {
	if c.features.lacks(spanQueries) {
		return servicemap.ErrUnsupported
	}
	body, err := c.get(ctx, id, logsql+"query", v)
	if err != nil {
		return c.features.judge(spanQueries, err)
	}
	defer body.Close()
	if err := readLines(body, each); err != nil {
		return broken(err)
	}
	return nil
}

func readLines(body io.Reader, each func(line []byte) error) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := each(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}
