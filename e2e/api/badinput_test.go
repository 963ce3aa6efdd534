package api

import (
	"strings"
	"testing"
)

func TestBadInput(t *testing.T) {
	long := strings.Repeat("x", 17<<10)
	tests := []struct {
		name         string
		method, path string
		body         string
		status       int
		code, field  string
		headers      []string
	}{
		{name: "wrong JSON", method: "POST", path: "/api/v1/query", body: `{"query":`, status: 400},
		{name: "two values", method: "POST", path: "/api/v1/query", body: `{"query":"up"}{}`, status: 400},
		{name: "not JSON", method: "POST", path: "/api/v1/query", body: `query=up`, status: 415, headers: []string{"Content-Type: text/yaml"}},
		{name: "wrong type", method: "POST", path: "/api/v1/query", body: `{"query":7}`, status: 400},
		{name: "unknown field on a write", method: "POST", path: "/api/v1/schema/metrics", body: `{"metric":"a","colour":"red"}`, status: 400},
		{name: "missing query", method: "POST", path: "/api/v1/query", body: `{}`, status: 400, field: "query"},
		{name: "missing query GET", method: "GET", path: "/api/v1/query", status: 400, field: "query"},
		{name: "unparsable", method: "POST", path: "/api/v1/query", body: `{"query":"sum(up"}`, status: 400, code: "query_invalid"},
		{name: "bad time", method: "POST", path: "/api/v1/query", body: `{"query":"up","time":"yesterday"}`, status: 400, field: "time"},
		{name: "end before start", method: "POST", path: "/api/v1/query_range", body: `{"query":"up","start":"200","end":"100","step":"10"}`, status: 400, field: "end"},
		{name: "step 0", method: "POST", path: "/api/v1/query_range", body: `{"query":"up","start":"100","end":"200","step":"0"}`, status: 400, field: "step"},
		{name: "missing step", method: "POST", path: "/api/v1/query_range", body: `{"query":"up","start":"100","end":"200"}`, status: 400, field: "step"},
		{name: "absurd range", method: "POST", path: "/api/v1/query_range", body: `{"query":"up","start":"0","end":"now","step":"365d"}`, status: 422, code: "query_too_expensive"},
		{name: "query too long", method: "POST", path: "/api/v1/query", body: `{"query":"` + long + `"}`, status: 413, code: "query_too_long"},
		{name: "no match", method: "GET", path: "/api/v1/series", status: 400},
		{name: "backend refuses", method: "POST", path: "/api/v1/query", body: `{"query":"rate()"}`, status: 422},
		{name: "unknown route", method: "GET", path: "/api/v1/nosuch", status: 404, code: "route_unknown"},
		{name: "wrong method", method: "DELETE", path: "/api/v1/query", status: 405, code: "method_not_allowed"},
		{name: "oversized body", method: "POST", path: "/api/v1/query", body: `{"query":"` + strings.Repeat("x", 2<<20) + `"}`, status: 413},
		{name: "oversized head", method: "GET", path: "/api/v1/query?query=up", status: 431, headers: []string{"X-Filler: " + strings.Repeat("x", 20<<10)}},
		{name: "filter of the back end", method: "GET", path: "/api/v1/query?query=up&extra_filters[]={a=\"b\"}", status: 400, code: "parameter_forbidden"},
		{name: "account", method: "GET", path: "/api/v1/query?query=up&AccountID=2", status: 400, code: "parameter_forbidden"},
		{name: "foreign tenant in the query", method: "GET", path: "/api/v1/query?query=up&tenantId=other", status: 403, code: "tenant_foreign"},
		{name: "foreign tenant in a write", method: "POST", path: "/api/v1/schema/metrics", body: `{"metric":"a","tenantId":"other"}`, status: 403, code: "tenant_foreign"},
		{name: "absent object", method: "GET", path: "/api/v1/schema/metrics/nosuchmetric", status: 404, code: "not_found"},
		{name: "two credentials", method: "GET", path: "/api/v1/query?query=up", status: 400, code: "credentials_ambiguous", headers: []string{"X-Session-Token: " + strings.Repeat("a", 64)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := editor.Must(t, tt.method, tt.path, tt.body, tt.headers...).WantProblem(t, tt.status, tt.code)
			if tt.field != "" {
				a.NamesField(t, tt.field)
			}
		})
	}
}

func TestTooManyPoints(t *testing.T) {
	a := viewer.Post(t, "/api/v1/query_range", map[string]any{"query": "up", "start": "1795000000", "end": "1795100000", "step": "1s"}).
		WantProblem(t, 422, "query_too_expensive")
	if a.At("points") != 100001.0 || a.At("suggested_step") != "10s" || a.At("suggestions", 0) == nil {
		t.Errorf("the problem tells neither the count nor a step that fits: %s", a.Body)
	}
	viewer.Post(t, "/api/v1/query_range", map[string]any{"query": "up", "start": "1795000000", "end": "1795100000", "step": "10s"}).Want(t, 200)
}

func TestParseErrorTellsItsPosition(t *testing.T) {
	a := viewer.Post(t, "/api/v1/query", map[string]any{"query": "sum(\n  up{job=}\n)"}).WantProblem(t, 400, "query_invalid")
	if a.At("position", "line") != 2.0 {
		t.Errorf("position %v: %s", a.At("position"), a.Body)
	}
}

func TestProblemPages(t *testing.T) {
	a := viewer.Get(t, "/api/v1/nosuch").WantProblem(t, 404, "route_unknown")
	page, _ := a.At("type").(string)
	if i := strings.Index(page, "/problems/"); i >= 0 {
		page = page[i:]
	}
	nobody.Get(t, page).Want(t, 200)
}
