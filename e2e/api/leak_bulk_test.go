package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/client"
)

// files covers uploads and samples. Only the editor may upload, who belongs to
// demo; other tries, and then finds nothing of demo's.
func files(all map[string]row) {
	for path, file := range map[string]string{"/metrics": "metric,description\nleak_file,demo-marker\n",
		"/logs/fields": "field,description\nleak_file,demo-marker\n", "/traces/services": "service,purpose\nleak_file,demo-marker\n",
		"/traces/operations": "service,operation\nleak_file,x\n"} {
		all["POST /api/v1/schema"+path+"/bulk"] = row{ask: upload(path, file), why: "counts and rows of the caller's own file"}
	}
	field := func(me tenant) string { return strings.ReplaceAll(me.marker, "-", "_") }
	for path, own := range map[string]func(tenant) string{"metrics": markerMetric, "logs/fields": field, "traces/services": marker} {
		path = "/api/v1/schema/" + path + "/bulk/sample"
		all["GET "+path] = row{own: own, ask: get(path)}
	}
	all["GET /api/v1/schema/traces/operations/bulk/sample"] = row{own: marker, ask: operationsSample}
	all["GET /api/v1/schema/limits"] = row{ask: get("/api/v1/schema/limits"), why: "the same limits for every tenant, and a count"}
}

func upload(path, file string) func(*testing.T, tenant) *client.Answer {
	return func(t *testing.T, me tenant) *client.Answer {
		if me.name == "demo" {
			return uploadAs(t, editor, path+"/bulk", file)
		}
		if a := uploadAs(t, me.client, path+"/bulk", file); a.Status != http.StatusForbidden {
			t.Errorf("a foreign upload gave %d: %s", a.Status, a.Body)
		}
		for _, key := range []string{"/metrics/leak_file", "/logs/fields/leak_file", "/traces/services/leak_file"} {
			me.client.Get(t, "/api/v1/schema"+key).WantProblem(t, 404, "not_found")
		}
		return me.client.Get(t, "/api/v1/schema/limits")
	}
}

// operationsSample has the operations of services that are defined: demo's probe
// is, when this row asks. Other cannot define any, finds nothing of demo's, and
// then reads a definition of its own.
func operationsSample(t *testing.T, me tenant) *client.Answer {
	const path = "/api/v1/schema/traces/operations/bulk/sample"
	if me.name == "demo" {
		editor.Post(t, "/api/v1/schema/traces/services", map[string]any{"service": probed(me)}).Want(t, 200)
		return me.client.Get(t, path)
	}
	if a := me.client.Get(t, path).Want(t, 200); strings.Contains(string(a.Body), "demo-marker") {
		t.Errorf("the sample holds the other tenant's operations: %.300s", a.Body)
	}
	return ownDefinition(t, me)
}
