package server

import (
	"reflect"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

func TestServiceMetrics(t *testing.T) {
	b, to := newBench(t), demo(t)
	in := &queryv1.ServiceMetricsRequest{Service: `a/"b`, Limit: 7}
	if err := b.ServiceMetrics(in, to); err != nil {
		t.Fatal(err)
	}
	want := `{"status":"success","data":{"service":"a/\"b","metrics":[{"name":"down_total","type":"counter"},{"name":"up","help":"whether it answers"}],` +
		`"total":2},"links":{"logs":"/api/v1/services/a%2F%22b/logs","traces":"/api/v1/services/a%2F%22b/traces"}}`
	if to.body.String() != want {
		t.Errorf("got %s", to.body.String())
	}
	asked := read.LabelValues{Label: "__name__", Select: read.Select{
		Match: []string{`{service="a/\"b"}`, `{service_name="a/\"b"}`, `{job="a/\"b"}`}, Start: "2026-11-22T11:00:00.000Z", Limit: 7}}
	if !reflect.DeepEqual(b.store.asked, []read.Request{asked}) {
		t.Errorf("asked %v", b.store.asked)
	}
	again := demo(t)
	if err := b.ServiceMetrics(in, again); err != nil || again.body.String() != want || again.cached() != "hit" {
		t.Errorf("again: %s %s, %v", again.cached(), again.body.String(), err)
	}
	other := as(t, "other", 2)
	if err := b.ServiceMetrics(in, other); err != nil || other.cached() != "miss" {
		t.Errorf("another tenant: %s, %v", other.cached(), err)
	}
}

func TestServiceMetricsOfAWindow(t *testing.T) {
	b := newBench(t)
	if err := b.ServiceMetrics(&queryv1.ServiceMetricsRequest{Service: "a", End: "2026-11-20T10:00:00Z"}, demo(t)); err != nil {
		t.Fatal(err)
	}
	got, _ := b.store.asked[0].(read.LabelValues)
	if got.Start != "2026-11-20T09:00:00Z" || got.End != "2026-11-20T10:00:00Z" {
		t.Errorf("asked %v", got)
	}
	expect(t, b.ServiceMetrics(&queryv1.ServiceMetricsRequest{Service: " "}, demo(t)), fault.CodeInvalidRequest, "Service name is required", "service")
	expect(t, b.ServiceMetrics(&queryv1.ServiceMetricsRequest{Service: "a", End: "x"}, demo(t)), fault.CodeInvalidTime, "Invalid request", "end")
	b.store.answer = broken
	expect(t, b.ServiceMetrics(&queryv1.ServiceMetricsRequest{Service: "b"}, demo(t)), fault.CodeBackendFailed, "Failed to retrieve metrics of the service", "")
}
