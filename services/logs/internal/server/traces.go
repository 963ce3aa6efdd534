package server

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

var (
	// traceFields may carry the id of a trace, serviceFields the name of a service.
	traceFields   = []string{"trace_id", "traceId", "traceID", "trace.id"}
	serviceFields = []string{"service", "service.name", "component"}

	traceIDTexts     = texts{bad: "Invalid LogsQL request format", failed: "Failed to retrieve trace ids"}
	traceLogsTexts   = texts{bad: "Invalid trace logs request", failed: "Failed to retrieve the logs of the trace"}
	serviceLogsTexts = texts{bad: "Invalid service logs request", failed: "Failed to retrieve the logs of the service"}
)

// maxTraces of one answer.
const maxTraces = 1000

// TraceIDs implements logsv1.LogsServiceServer.
func (s *Server) TraceIDs(ctx context.Context, in *logsv1.QueryRequest) (*logsv1.TraceIDsResponse, error) {
	c, err := s.begin(ctx, traceIDTexts, in.GetTimeout())
	if err != nil {
		return nil, err
	}
	defer c.end()
	q, checked, err := c.selection(in.GetQuery(), in.GetStart(), in.GetEnd())
	if err != nil {
		return nil, err
	}
	limit, err := c.limit(in.GetLimit(), defaultEntries, maxTraces)
	if err != nil {
		return nil, err
	}
	found := map[string]*logsv1.TraceOfRows{}
	for _, field := range traceFields {
		if err := c.tracesIn(q, checked, field, limit+1, found); err != nil {
			return nil, c.failure(err)
		}
	}
	return traceIDsMessage(found, limit), nil
}

// tracesIn adds the traces that one field names.
func (c *call) tracesIn(q victorialogs.Query, checked logsql.Checked, field string, limit int, to map[string]*logsv1.TraceOfRows) error {
	name := logsql.Quote(field)
	q.Text = fmt.Sprintf("%s | filter %s:* | stats by (%s) count() as _rows, min(_time) as _first, max(_time) as _last | sort by (_rows desc) limit %d",
		checked.RowsPart(), name, name, limit)
	_, err := c.server.each(c.ctx, q, func(r *row.Row) error {
		id, _ := r.Get(field)
		if id == "" {
			return nil
		}
		t := to[id]
		if t == nil {
			t = &logsv1.TraceOfRows{TraceId: id, Link: "/api/v1/traces/" + url.PathEscape(id), FirstSeen: r.First("_first"), LastSeen: r.First("_last")}
			to[id] = t
		}
		t.Rows += float64(number(r, "_rows"))
		t.FirstSeen, t.LastSeen = earlier(t.FirstSeen, r.First("_first")), later(t.LastSeen, r.First("_last"))
		return nil
	})
	return err
}

func earlier(a, b string) string {
	if before(b, a) {
		return b
	}
	return a
}

func later(a, b string) string {
	if before(a, b) {
		return b
	}
	return a
}

func before(a, b string) bool {
	x, okX := row.ParseTime(a)
	y, okY := row.ParseTime(b)
	return okX && okY && x.Before(y)
}

func traceIDsMessage(found map[string]*logsv1.TraceOfRows, limit int) *logsv1.TraceIDsResponse {
	data := &logsv1.TraceIDs{Capped: len(found) > limit}
	for _, t := range found {
		data.Traces = append(data.Traces, t)
	}
	slices.SortFunc(data.Traces, func(a, b *logsv1.TraceOfRows) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), strings.Compare(a.TraceId, b.TraceId))
	})
	data.Traces = data.Traces[:min(limit, len(data.Traces))]
	return &logsv1.TraceIDsResponse{Status: "success", Data: data}
}

// TraceLogs implements logsv1.LogsServiceServer.
func (s *Server) TraceLogs(in *logsv1.TraceLogsRequest, to stream) error {
	id := strings.TrimSpace(in.GetTraceId())
	if id == "" || len(id) > 64 || strings.Trim(id, "0123456789abcdefABCDEF-") != "" {
		return fault.New(fault.CodeInvalidRequest, "Invalid trace id").WithField("traceId", "must be hexadecimal digits")
	}
	return s.related(traceLogsTexts, to, related{
		filter: anyOf(traceFields, id, strings.ToLower(id), strings.ToUpper(id)), start: in.GetStart(), end: in.GetEnd(), limit: in.GetLimit(),
		oldestFirst: true, links: []string{"trace", "/api/v1/traces/" + id},
	})
}

// ServiceLogs implements logsv1.LogsServiceServer.
func (s *Server) ServiceLogs(in *logsv1.ServiceLogsRequest, to stream) error {
	name := in.GetService()
	if name == "" {
		return fault.New(fault.CodeInvalidRequest, "Service name is required").WithField("service", "is required")
	}
	path := "/api/v1/services/" + url.PathEscape(name)
	return s.related(serviceLogsTexts, to, related{
		query: in.GetQuery(), filter: anyOf(serviceFields, name), start: in.GetStart(), end: in.GetEnd(), limit: in.GetLimit(),
		links: []string{"metrics", path + "/metrics", "traces", path + "/traces"},
	})
}

// anyOf is a filter for rows one of whose fields has one of the values.
func anyOf(fields []string, values ...string) string {
	var list []string
	for _, f := range fields {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(values))) {
			list = append(list, logsql.Exact(f, v))
		}
	}
	return strings.Join(list, " OR ")
}
