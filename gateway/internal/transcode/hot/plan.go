package hot

import (
	"context"
	"strings"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
)

// stream is one method of the query service's client.
type stream[R any] func(context.Context, *R, ...grpc.CallOption) (grpc.ServerStreamingClient[httpbody.HttpBody], error)

// planned joins a request message and the method that it is for.
func planned[R any](d *reader, method stream[R], in *R) (plan, error) {
	if err := d.err(); err != nil {
		return plan{}, err
	}
	return plan{d.params, func(ctx context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error) {
		return method(ctx, in)
	}}, nil
}

func instant(s *Source, r Request) (plan, error) {
	d := read(r)
	return planned(d, s.client.Instant, &queryv1.InstantRequest{Query: d.need("query"), Time: d.one("time"),
		Timeout: d.one("timeout"), Definitions: d.definitions(), Step: d.one("step"), NoCache: r.NoCache})
}

func ranged(s *Source, r Request) (plan, error) {
	d := read(r)
	return planned(d, s.client.Range, &queryv1.RangeRequest{Query: d.need("query"), Start: d.need("start"), End: d.need("end"),
		Step: d.need("step"), Timeout: d.one("timeout"), Definitions: d.definitions(), NoCache: r.NoCache})
}

func selection(d *reader) *queryv1.SelectRequest {
	return &queryv1.SelectRequest{Match: d.many("match[]", "match"), Start: d.one("start"), End: d.one("end"), Limit: d.limit("limit")}
}

func series(s *Source, r Request) (plan, error) {
	d := read(r)
	in := selection(d)
	if len(in.GetMatch()) == 0 {
		d.fault("match[]", "is required")
	}
	return planned(d, s.client.Series, in)
}

func labels(s *Source, r Request) (plan, error) {
	d := read(r)
	return planned(d, s.client.Labels, selection(d))
}

func metricNames(s *Source, r Request) (plan, error) {
	d := read(r)
	return planned(d, s.client.MetricNames, selection(d))
}

func labelValues(s *Source, r Request) (plan, error) {
	d := read(r)
	label := r.Match.Param("name")
	d.keep("{name}", label)
	return planned(d, s.client.LabelValues, &queryv1.LabelValuesRequest{Label: label, Select: selection(d)})
}

func metricMetadata(s *Source, r Request) (plan, error) {
	d := read(r)
	return planned(d, s.client.Metadata, &queryv1.MetadataRequest{Metric: d.one("metric"), Limit: d.limit("limit")})
}

// prometheusPrefix of the paths whose rest names the endpoint.
const prometheusPrefix = "/prometheus/api/v1/"

// prometheus passes all parameters on: the query service knows which ones an
// endpoint has.
func prometheus(s *Source, r Request) (plan, error) {
	d := read(r)
	endpoint := strings.TrimPrefix(r.Match.Row.Pattern, prometheusPrefix)
	for _, p := range r.Match.Params {
		endpoint = strings.Replace(endpoint, "{"+p.Name+"}", p.Value, 1)
	}
	in := &queryv1.PrometheusRequest{Endpoint: endpoint}
	d.params = append(d.params, relay.Param{Name: "{endpoint}", Value: endpoint})
	for _, p := range d.all.Pairs() {
		in.Params = append(in.Params, &queryv1.Param{Name: p.Name, Value: p.Value})
		d.params = append(d.params, relay.Param(p))
	}
	return planned(d, s.client.Prometheus, in)
}
