package server

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/execution"
)

// buildinfo is what dashboards look at to learn what the server can do: they
// are told the Prometheus version that VictoriaMetrics itself names.
const buildinfo = `{"version":"2.24.0"}`

// endpoint answers one path below /prometheus/api/v1/.
type endpoint func(ctx context.Context, s *Server, c execution.Call, p params) error

// endpoints by path. What is not here does not exist, above all what cannot be
// held to a tenant: series/count, export, admin.
func endpoints() map[string]endpoint {
	return map[string]endpoint{
		"query":            promInstant,
		"query_range":      promRange,
		"series":           promSeries,
		"labels":           promLabels,
		"metadata":         promMetadata,
		"format_query":     promFormat,
		"query_exemplars":  say("[]"),
		"rules":            say(`{"groups":[]}`),
		"alerts":           say(`{"alerts":[]}`),
		"status/buildinfo": say(buildinfo),
	}
}

// Prometheus implements queryv1.QueryServiceServer.
func (s *Server) Prometheus(in *queryv1.PrometheusRequest, to stream) error {
	p := params(in.GetParams())
	if err := p.allowed(); err != nil {
		return err
	}
	c := call(to, param)
	c.Plain, c.Timeout, c.NoCache = true, p.one("timeout"), p.one("nocache") == "1"
	if label, ok := labelOf(in.GetEndpoint()); ok {
		sel, err := p.selection()
		if err != nil {
			return err
		}
		return s.run.LabelValues(to.Context(), c, label, sel)
	}
	answer, ok := endpoints()[in.GetEndpoint()]
	if !ok {
		return fault.New(fault.CodeRouteUnknown, "Not found").WithDetail("this endpoint is not served")
	}
	return answer(to.Context(), s, c, p)
}

func labelOf(path string) (label string, ok bool) {
	rest, ok := strings.CutPrefix(path, "label/")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, "/values")
}

func say(data string) endpoint {
	return func(ctx context.Context, s *Server, c execution.Call, _ params) error { return s.run.Say(ctx, c, data) }
}

func promInstant(ctx context.Context, s *Server, c execution.Call, p params) error {
	return s.run.Instant(ctx, c, execution.Instant{Query: p.one("query"), Time: p.one("time"), Step: p.one("step")})
}

func promRange(ctx context.Context, s *Server, c execution.Call, p params) error {
	return s.run.Range(ctx, c, execution.Range{
		Query: p.one("query"), Start: p.one("start"), End: p.one("end"), Step: p.one("step")})
}

func promSeries(ctx context.Context, s *Server, c execution.Call, p params) error {
	sel, err := p.selection()
	if err != nil {
		return err
	}
	return s.run.Series(ctx, c, sel)
}

func promLabels(ctx context.Context, s *Server, c execution.Call, p params) error {
	sel, err := p.selection()
	if err != nil {
		return err
	}
	return s.run.Labels(ctx, c, sel)
}

func promMetadata(ctx context.Context, s *Server, c execution.Call, p params) error {
	limit, err := p.limit()
	if err != nil {
		return err
	}
	return s.run.Metadata(ctx, c, p.one("metric"), limit)
}

func promFormat(ctx context.Context, s *Server, c execution.Call, p params) error {
	text, err := s.run.Format(ctx, c, p.one("query"))
	if err != nil {
		return err
	}
	data, err := json.Marshal(text)
	if err != nil {
		return err
	}
	return s.run.Say(ctx, c, string(data))
}

// params of one request, in the client's order.
type params []*queryv1.Param

// allowed refuses what would choose a tenant or a filter of the back end.
// Everything else that is not known is dropped.
func (p params) allowed() error {
	for _, each := range p {
		name := strings.ToLower(each.GetName())
		if strings.HasPrefix(name, "extra_") || name == "accountid" || name == "projectid" {
			return fault.New(fault.CodeParamForbidden, "Parameter not allowed").
				WithField(strconv.Quote(each.GetName()), "would choose a tenant or a filter of the back end")
		}
	}
	return nil
}

// one gives the first value, as Prometheus does.
func (p params) one(name string) string {
	for _, each := range p {
		if each.GetName() == name {
			return each.GetValue()
		}
	}
	return ""
}

func (p params) limit() (uint32, error) {
	text := p.one("limit")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fault.New(fault.CodeInvalidRequest, "Invalid request").WithField("limit", "must be a whole number, at least 0")
	}
	return uint32(n), nil
}

func (p params) selection() (execution.Select, error) {
	limit, err := p.limit()
	sel := execution.Select{Start: p.one("start"), End: p.one("end"), Limit: limit}
	for _, each := range p {
		if each.GetName() == "match[]" || each.GetName() == "match" {
			sel.Match = append(sel.Match, each.GetValue())
		}
	}
	return sel, err
}
