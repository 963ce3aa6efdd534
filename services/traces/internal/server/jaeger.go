package server

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/reading"
)

// endpoint answers one path below /jaeger/api/.
type endpoint func(ctx context.Context, s *Server, to stream, p params) error

// endpoints by path; what is not here does not exist.
func endpoints() map[string]endpoint {
	return map[string]endpoint{
		"services": func(ctx context.Context, s *Server, to stream, _ params) error {
			return s.read.JaegerServices(ctx, to)
		},
		"services/{service}/operations": func(ctx context.Context, s *Server, to stream, p params) error {
			return s.read.JaegerOperations(ctx, to, p.one("service"), false)
		},
		"operations": func(ctx context.Context, s *Server, to stream, p params) error {
			return s.read.JaegerOperations(ctx, to, p.one("service"), true)
		},
		"traces": jaegerTraces,
		"traces/{trace_id}": func(ctx context.Context, s *Server, to stream, p params) error {
			return s.read.Trace(ctx, to, p.one("trace_id"), false)
		},
		"dependencies": jaegerDependencies,
	}
}

// Jaeger implements tracesv1.TracesServiceServer.
func (s *Server) Jaeger(in *tracesv1.JaegerRequest, to stream) error {
	answer, ok := endpoints()[in.GetEndpoint()]
	if !ok {
		return fault.New(fault.CodeRouteUnknown, "Not found").WithDetail("this endpoint is not served")
	}
	return answer(to.Context(), s, to, params(in.GetParams()))
}

// jaegerTraces searches, or looks up the ids that are given.
func jaegerTraces(ctx context.Context, s *Server, to stream, p params) error {
	if ids := p.all("traceID"); len(ids) > 0 {
		return s.read.JaegerTraces(ctx, to, ids)
	}
	q, err := p.search()
	if err != nil {
		return err
	}
	return s.read.JaegerSearch(ctx, to, q)
}

// dependencyLookback is Jaeger's own default.
const dependencyLookback = 24 * time.Hour

func jaegerDependencies(ctx context.Context, s *Server, to stream, p params) error {
	start, end := p.one("start"), p.one("endTs")
	if start == "" {
		lookback, err := strconv.ParseInt(p.one("lookback"), 10, 64)
		if p.one("lookback") == "" {
			lookback, err = dependencyLookback.Milliseconds(), nil
		}
		if err != nil || lookback <= 0 || lookback > int64(time.Duration(1<<62)/time.Millisecond) {
			return badParam("lookback", "must be milliseconds")
		}
		start = before(end, time.Duration(lookback)*time.Millisecond)
	}
	return s.read.JaegerDependencies(ctx, to, start, end)
}

// before names the time that is so long before end, which may be a time that
// cannot be read; then so is the result.
func before(end string, long time.Duration) string {
	now := time.Now()
	if end == "" {
		return strconv.FormatInt(now.Add(-long).UnixMicro(), 10)
	}
	at, err := timeparam.ParseTime(end, now)
	if err != nil {
		return end
	}
	return strconv.FormatInt(at.Add(-long).UnixMicro(), 10)
}

func badParam(name, detail string) error {
	return fault.New(fault.CodeInvalidRequest, "Invalid trace search request").WithField(name, "%s", detail)
}

// params are those of a request, in the client's order.
type params []*tracesv1.Param

// one gives the first value.
func (p params) one(name string) string {
	if list := p.all(name); len(list) > 0 {
		return list[0]
	}
	return ""
}

func (p params) all(name string) []string {
	var list []string
	for _, each := range p {
		if each.GetName() == name {
			list = append(list, each.GetValue())
		}
	}
	return list
}

// search reads the parameters of Jaeger's search.
func (p params) search() (reading.Query, error) {
	q := reading.Query{In: param, Search: criteria.Search{
		Service: p.one("service"), Operation: p.one("operation"), Tags: p.one("tags"),
		MinDuration: p.one("minDuration"), MaxDuration: p.one("maxDuration"),
		Start: p.one("start"), End: p.one("end")}}
	if text := p.one("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return q, badParam("limit", "must be a whole number")
		}
		q.Limit = n
	}
	if lookback := p.one("lookback"); q.Start == "" && !slices.Contains([]string{"", "custom"}, lookback) {
		long, err := timeparam.Duration("lookback", lookback)
		if err != nil {
			return q, badParam("lookback", "is not a duration such as 1h")
		}
		q.Start = before(q.End, long)
	}
	return q, p.addTags(&q)
}

// addTags puts repeated tag=key:value to the tags.
func (p params) addTags(q *reading.Query) error {
	for _, text := range p.all("tag") {
		key, value, ok := strings.Cut(text, ":")
		if !ok || key == "" {
			return badParam("tag", "must be key:value")
		}
		if q.MoreTags == nil {
			q.MoreTags = map[string]string{}
		}
		q.MoreTags[key] = value
	}
	return nil
}
