package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestDefinitionsOverHTTP goes through what a client sees of a definition.
func TestDefinitionsOverHTTP(t *testing.T) {
	const base = "/api/v1/schema/traces/services"
	odd := base + "/odd%2Fservice%3Aa.b%25%20%C3%A9"
	body := map[string]any{"service": "odd/service:a.b% é", "purpose": "one", "tags": map[string]any{"team": "x", "tier": 1}}
	first := editor.Post(t, base, body).Want(t, 200)
	if string(first.Body) != `{"status":"ok"}` || !strings.HasPrefix(first.Header.Get("ETag"), `"1-`) {
		t.Errorf("upsert: %s, ETag %s", first.Body, first.Header.Get("ETag"))
	}
	got := viewer.Get(t, odd).Want(t, 200)
	if fmt.Sprint(got.At("tags")) != "[team=x tier=1]" || got.At("purpose") != "one" || got.At("tenantId") != "demo" || got.At("updatedAt") == nil {
		t.Errorf("get: %s", got.Body)
	}
	tag := got.Header.Get("ETag")
	viewer.Get(t, odd, "If-None-Match: "+tag).Want(t, http.StatusNotModified)
	body["purpose"] = "two"
	second := editor.Post(t, base, body, "If-Match: "+tag).Want(t, 200)
	editor.Post(t, base, map[string]any{"service": body["service"], "purpose": "lost"}, "If-Match: "+tag).WantProblem(t, 412, "precondition_failed")
	editor.Must(t, http.MethodDelete, odd, "", "If-Match: "+tag).WantProblem(t, 412, "precondition_failed")

	editor.Post(t, "/api/v1/schema/traces/operations", map[string]any{"service": body["service"], "operation": "GET /x"}).Want(t, 200)
	editor.Post(t, "/api/v1/schema/traces/operations", map[string]any{"service": "none", "operation": "GET /x"}).WantProblem(t, 400, "invalid_request")
	editor.Must(t, http.MethodDelete, odd, "", "If-Match: "+second.Header.Get("ETag")).Want(t, 200)
	viewer.Get(t, odd).WantProblem(t, 404, "not_found")
	editor.Post(t, "/api/v1/schema/traces/operations", map[string]any{"service": body["service"], "operation": "GET /y"}).WantProblem(t, 400, "invalid_request")
	editor.Must(t, http.MethodPost, odd+"/versions/2/restore", "").Want(t, 200)
	if a := viewer.Get(t, odd+"/versions").Want(t, 200); fmt.Sprint(a.At("versions", 0, "version"), a.At("versions", 1, "deleted"), a.At("versions", 4)) != "4 true <nil>" {
		t.Errorf("versions: %s", a.Body)
	}
	if a := viewer.Get(t, odd+"/versions/3").Want(t, 200); a.At("payload") != nil || a.At("deleted") != true {
		t.Errorf("deleted version: %s", a.Body)
	}
	if a := viewer.Get(t, odd+"/diff?from=1&to=2").Want(t, 200); fmt.Sprint(a.At("changes", 0)) != "map[field:purpose from:one to:two]" {
		t.Errorf("diff: %s", a.Body)
	}
	viewer.Get(t, odd+"/versions/x").WantProblem(t, 400, "invalid_request")
	viewer.Get(t, odd+"/versions/9").WantProblem(t, 404, "not_found")
}

// TestSearchFindsAcrossKinds asks in words that the definitions do not have.
func TestSearchFindsAcrossKinds(t *testing.T) {
	editor.Post(t, "/api/v1/schema/logs/fields", map[string]any{"field": "error.kind", "description": "Class of the failure."}).Want(t, 200)
	a := viewer.Get(t, "/api/v1/schema/search?q=which+exceptions+occurred&kinds=log_field,metric").Want(t, 200)
	if !strings.Contains(string(a.Body), `"error.kind"`) {
		t.Errorf("search: %s", a.Body)
	}
	viewer.Get(t, "/api/v1/schema/search").WantProblem(t, 400, "invalid_request")
	viewer.Get(t, "/api/v1/schema/search?q=x&kinds=strange").WantProblem(t, 400, "invalid_request")
}

// TestDriftSeesTheDemo compares the demo's metrics with its definitions.
func TestDriftSeesTheDemo(t *testing.T) {
	editor.Post(t, "/api/v1/schema/metrics", map[string]any{"metric": "never_seen_total"}).Want(t, 200)
	a := viewer.Get(t, "/api/v1/schema/drift?limit=1000").Want(t, 200)
	coverage, _ := a.At("metrics", "coverage").(float64)
	if coverage <= 0 || coverage > 100 || !strings.Contains(fmt.Sprint(a.At("metrics", "defined_unseen")), "never_seen_total") {
		t.Errorf("drift: %.2000s", a.Body)
	}
	viewer.Get(t, "/api/v1/schema/drift?start=yesterday").WantProblem(t, 400, "invalid_time")
}
