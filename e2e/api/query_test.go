package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

const requests = "http_requests_total"

// unique makes a text that no earlier run used, so that a cached answer cannot
// pass for a fresh one.
func unique(text string) string { return fmt.Sprintf("%s %d", text, time.Now().UnixNano()) }

func TestQueryWithDefinitions(t *testing.T) {
	description := unique("Requests served")
	editor.Post(t, "/api/v1/schema/metrics", map[string]any{
		"metric": requests, "description": description, "owner": "shop", "tags": []string{"red"},
		"labels": []any{map[string]any{"label": "service", "type": "string", "required": true, "description": "Who answered"}},
	}).Want(t, 200)

	a := viewer.Post(t, "/api/v1/query", map[string]any{"query": "rate(http_requests_total[5m])"}).Want(t, 200)
	if a.At("status") != "success" || a.At("data", "resultType") != "vector" {
		t.Fatalf("not a vector: %.300s", a.Body)
	}
	if a.At("data", "result", 0, "metric", "service") == nil {
		t.Errorf("no samples of the shop: %.300s", a.Body)
	}
	if got := a.At("definitions", "metrics", requests, "description"); got != description {
		t.Errorf("description %v, want the one stored a moment before", got)
	}
	if got := a.At("definitions", "labels", requests, "service", "description"); got != "Who answered" {
		t.Errorf("label service: %v", got)
	}
	placeholder, _ := a.At("definitions", "labels", requests, "instance", "definition").(string)
	if !strings.Contains(placeholder, "/api/v1/schema/metrics") {
		t.Errorf("label instance has no placeholder: %v", a.At("definitions", "labels", requests))
	}
	if n, _ := a.At("metadata", "seriesCount").(float64); n < 10 || a.At("metadata", "cached") != false {
		t.Errorf("metadata %v", a.At("metadata"))
	}
}

func TestDefinitionsFollowAWriteAtOnce(t *testing.T) {
	for range 5 {
		description := unique("Seconds of CPU")
		editor.Post(t, "/api/v1/schema/metrics", map[string]any{"metric": "process_cpu_seconds_total", "description": description}).Want(t, 200)
		a := viewer.Post(t, "/api/v1/query", map[string]any{"query": "process_cpu_seconds_total"}).Want(t, 200)
		if got := a.At("definitions", "metrics", "process_cpu_seconds_total", "description"); got != description {
			t.Fatalf("description %v, want %q", got, description)
		}
	}
}

func TestCacheHit(t *testing.T) {
	body := map[string]any{"query": "sum(up)", "time": time.Now().Add(-10 * time.Minute).UTC().Format(time.RFC3339)}
	first := viewer.Post(t, "/api/v1/query", body).Want(t, 200)
	if got := first.Header.Get("X-Cache"); got != "MISS" {
		t.Errorf("first X-Cache %q", got)
	}
	second := viewer.Post(t, "/api/v1/query", body).Want(t, 200)
	if got := second.Header.Get("X-Cache"); got != "HIT" {
		t.Errorf("second X-Cache %q", got)
	}
	if second.At("metadata", "cached") != true || second.At("metadata", "cacheHit") != true {
		t.Errorf("metadata of a hit: %v", second.At("metadata"))
	}
	if fmt.Sprint(first.At("data")) != fmt.Sprint(second.At("data")) {
		t.Error("the stored answer differs")
	}
}

func TestDefinitionOptions(t *testing.T) {
	tests := []struct {
		name  string
		path  string
		body  map[string]any
		check func(definitions map[string]any) bool
	}{
		{"off by body", "/api/v1/query", map[string]any{"query": requests, "include_definitions": false},
			func(d map[string]any) bool { return d == nil }},
		{"off by query string", "/api/v1/query?include_definitions=0", map[string]any{"query": requests},
			func(d map[string]any) bool { return d == nil }},
		{"minimal", "/api/v1/query?definitions_minimal=1", map[string]any{"query": requests},
			func(d map[string]any) bool { return d["metrics"] != nil && d["labels"] == nil }},
		{"label keys", "/api/v1/query?label_keys=service,nosuchlabel", map[string]any{"query": requests},
			func(d map[string]any) bool {
				labels, _ := d["labels"].(map[string]any)
				keys, _ := labels[requests].(map[string]any)
				return len(keys) == 2 && keys["service"] != nil && keys["nosuchlabel"] != nil
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, _ := viewer.Post(t, tt.path, tt.body).Want(t, 200).At("definitions").(map[string]any)
			if !tt.check(d) {
				t.Errorf("definitions %v", d)
			}
		})
	}
}

func TestRange(t *testing.T) {
	a := viewer.Post(t, "/api/v1/query_range", map[string]any{"query": "sum by (service) (rate(http_requests_total[5m]))",
		"start": "now-1h", "end": "now", "step": "60s"}).Want(t, 200)
	if n, _ := a.At("metadata", "dataPoints").(float64); n < 100 {
		t.Errorf("metadata %v", a.At("metadata"))
	}
	if a.At("metadata", "step") != "60s" || a.At("metadata", "timeRange") != "now-1h to now" {
		t.Errorf("metadata %v", a.At("metadata"))
	}
}

func TestFormsAndAliases(t *testing.T) {
	want := viewer.Get(t, "/api/v1/query?query=count(up)").Want(t, 200).At("data", "result", 0, "value", 1)
	values := url.Values{"query": {"count(up)"}}
	for name, got := range map[string]any{
		"form":       viewer.Form(t, "/api/v1/query", values).Want(t, 200).At("data", "result", 0, "value", 1),
		"root GET":   viewer.Get(t, "/query?query=count(up)").Want(t, 200).At("data", "result", 0, "value", 1),
		"root POST":  viewer.Post(t, "/query", map[string]any{"query": "count(up)"}).Want(t, 200).At("data", "result", 0, "value", 1),
		"prometheus": viewer.Form(t, "/prometheus/api/v1/query", values).Want(t, 200).At("data", "result", 0, "value", 1),
	} {
		if got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := viewer.Post(t, "/api/v1/query", map[string]any{"query": "1"}).Want(t, 200).At("data", "result", 0, "value", 1); got != "1" {
		t.Errorf("the query 1 gives %v", got)
	}
}

func TestLists(t *testing.T) {
	contains := func(list any, want string) bool { return strings.Contains(fmt.Sprint(list), want) }
	tests := []struct{ name, path, want string }{
		{"series", "/api/v1/series?match[]=up", "frontend"},
		{"series root", "/series?match[]=up", "frontend"},
		{"labels", "/api/v1/labels", "instance"},
		{"labels root", "/labels", "instance"},
		{"label values", "/api/v1/label/service/values", "checkout"},
		{"names", "/api/v1/metrics/names", requests},
		{"names root", "/metrics/names", requests},
		{"metadata", "/api/v1/metrics/metadata", requests},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := viewer.Get(t, tt.path).Want(t, 200)
			if a.At("status") != "success" || !contains(a.At("data"), tt.want) {
				t.Errorf("%.400s", a.Body)
			}
		})
	}
	names := viewer.Get(t, "/api/v1/metrics/names")
	list, _ := names.At("data", "names").([]any)
	if total := names.At("data", "total"); total != float64(len(list)) || len(list) == 0 {
		t.Errorf("total %v of %d names", total, len(list))
	}
}

func TestValidateFormatExplain(t *testing.T) {
	a := viewer.Post(t, "/api/v1/query/validate", map[string]any{"query": "sum(up"}).Want(t, 200)
	if a.At("data", "valid") != false || a.At("data", "error", "position", "line") != 1.0 {
		t.Errorf("validate: %s", a.Body)
	}
	if a := viewer.Get(t, "/api/v1/query/validate?query=up").Want(t, 200); a.At("data", "valid") != true {
		t.Errorf("validate: %s", a.Body)
	}
	a = viewer.Post(t, "/api/v1/query/format", map[string]any{"query": "sum( rate(up[5m]) )by(job)"}).Want(t, 200)
	if text, _ := a.At("data").(string); !strings.Contains(text, "sum(rate(up[5m])) by(job)") {
		t.Errorf("format: %s", a.Body)
	}
	a = viewer.Post(t, "/api/v1/query/explain", map[string]any{"query": "rate(up{job=\"a\"}[5m])", "start": "0", "end": "36000", "step": "60"}).Want(t, 200)
	if a.At("data", "selectors", 0, "metric") != "up" || a.At("data", "pointsPerSeries") != 601.0 {
		t.Errorf("explain: %s", a.Body)
	}
}
