package server

import (
	"reflect"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

// prom makes a request of names and values in turn.
func prom(endpoint string, pairs ...string) *queryv1.PrometheusRequest {
	in := &queryv1.PrometheusRequest{Endpoint: endpoint}
	for i := 0; i < len(pairs); i += 2 {
		in.Params = append(in.Params, &queryv1.Param{Name: pairs[i], Value: pairs[i+1]})
	}
	return in
}

func TestPrometheus(t *testing.T) {
	narrow := read.Select{Match: []string{"up", "down"}, Start: "1795168800", End: "1795172400", Limit: 7}
	window := []string{"match[]", "up", "match[]", "down", "start", "1795168800", "end", "1795172400", "limit", "7", "dedup", "1"}
	for name, tt := range map[string]struct {
		in   *queryv1.PrometheusRequest
		want read.Request
		body string
	}{
		"query": {prom("query", "query", "up", "time", "1795168800.123", "stats", "all"), read.Instant{Query: "up", Time: "1795168800.123"},
			`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a","zone":"z"},"value":[1,"1"]}]},"isPartial":false,"stats":{"seriesFetched":"1"}}`},
		"query_range": {prom("query_range", "query", "up", "start", "1", "end", "2", "step", "1"), read.Range{Query: "up", Start: "1", End: "2", Step: "1"}, matrix},
		"series":      {prom("series", window...), read.Series{Select: narrow}, names},
		"labels":      {prom("labels", window...), read.Labels{Select: narrow}, names},
		"values":      {prom("label/k8s.pod/uid/values", window...), read.LabelValues{Label: "k8s.pod/uid", Select: narrow}, names},
		"buildinfo":   {prom("status/buildinfo"), nil, `{"status":"success","data":{"version":"2.24.0"}}`},
		"exemplars":   {prom("query_exemplars", "query", "up"), nil, `{"status":"success","data":[]}`},
		"rules":       {prom("rules"), nil, `{"status":"success","data":{"groups":[]}}`},
		"alerts":      {prom("alerts"), nil, `{"status":"success","data":{"alerts":[]}}`},
		"format":      {prom("format_query", "query", "sum( up )"), nil, `{"status":"success","data":"sum(up)"}`},
	} {
		t.Run(name, func(t *testing.T) {
			b, to := newBench(t), demo(t)
			if err := b.Prometheus(tt.in, to); err != nil {
				t.Fatal(err)
			}
			if to.body.String() != tt.body {
				t.Errorf("got %s", to.body.String())
			}
			if tt.want != nil && !reflect.DeepEqual(b.store.asked, []read.Request{tt.want}) {
				t.Errorf("asked %v", b.store.asked)
			}
		})
	}
}

func TestPrometheusRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		in             *queryv1.PrometheusRequest
		code           fault.Code
		message, field string
	}{
		"filter":   {prom("query", "query", "up", "extra_filters[]", "{}"), fault.CodeParamForbidden, "Parameter not allowed", `"extra_filters[]"`},
		"label":    {prom("labels", "Extra_Label", "a=b"), fault.CodeParamForbidden, "Parameter not allowed", `"Extra_Label"`},
		"account":  {prom("query", "query", "up", "AccountID", "2"), fault.CodeParamForbidden, "Parameter not allowed", `"AccountID"`},
		"project":  {prom("rules", "projectid", "2"), fault.CodeParamForbidden, "Parameter not allowed", `"projectid"`},
		"count":    {prom("series/count"), fault.CodeRouteUnknown, "Not found", ""},
		"export":   {prom("export", "match[]", "up"), fault.CodeRouteUnknown, "Not found", ""},
		"delete":   {prom("admin/tsdb/delete_series"), fault.CodeRouteUnknown, "Not found", ""},
		"no query": {prom("query"), fault.CodeInvalidRequest, "Invalid query request format", "query"},
		"reversed": {prom("query_range", "query", "up", "start", "2", "end", "1", "step", "1"), fault.CodeInvalidTime, "Invalid range query request", "end"},
		"limit":    {prom("labels", "limit", "many"), fault.CodeInvalidRequest, "Invalid request", "limit"},
		"no name":  {prom("label//values"), fault.CodeInvalidRequest, "Label name is required", "name"},
		"format":   {prom("format_query", "query", "sum("), fault.CodeQueryInvalid, `Invalid MetricsQL query: unexpected end of query; want "(", "{", "-", "+"`, "query"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			expect(t, b.Prometheus(tt.in, demo(t)), tt.code, tt.message, tt.field)
			if len(b.store.asked) > 0 {
				t.Error("the back end was asked")
			}
		})
	}
}

func TestPrometheusAndNativeAnswersAreKeptApart(t *testing.T) {
	b := newBench(t)
	if err := b.Instant(&queryv1.InstantRequest{Query: "up"}, demo(t)); err != nil {
		t.Fatal(err)
	}
	to := demo(t)
	if err := b.Prometheus(prom("query", "query", "up"), to); err != nil || to.cached() != "miss" || strings.Contains(to.body.String(), "metadata") {
		t.Errorf("got %s: %s, %v", to.cached(), to.body.String(), err)
	}
}
