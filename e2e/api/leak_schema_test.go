package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/client"
)

// probe is one kind of definition, under a key that only demo defines.
type probe struct {
	// pattern of the key, path of the probe, and where it is written.
	pattern, path, upsert string
	// list is the pattern and the path of the collection.
	list, listPath string
	body           map[string]any
	// text is the member that holds the marker.
	text string
}

func probes() []probe {
	const base, metric, service = "/api/v1/schema", "/metrics/leak_probe", "/traces/services/leak_probe"
	return []probe{
		{"/metrics/{metric}", base + metric, "/metrics", "/metrics", base + "/metrics?prefix=leak_probe",
			map[string]any{"metric": "leak_probe"}, "description"},
		{"/metrics/{metric}/labels/{label}", base + metric + "/labels/where", "/metrics/leak_probe/labels",
			"/metrics/{metric}/labels", base + metric + "/labels", map[string]any{"label": "where"}, "description"},
		{"/logs/fields/{field}", base + "/logs/fields/leak%2Fprobe", "/logs/fields", "/logs/fields", base + "/logs/fields?prefix=leak",
			map[string]any{"field": "leak/probe"}, "description"},
		{"/traces/services/{service}", base + service, "/traces/services", "/traces/services", base + "/traces/services?prefix=leak_probe",
			map[string]any{"service": "leak_probe"}, "purpose"},
		{"/traces/services/{service}/operations/{operation}", base + service + "/operations/GET%20%2Fx", "/traces/operations",
			"/traces/services/{service}/operations", base + service + "/operations",
			map[string]any{"service": "leak_probe", "operation": "GET /x"}, "purpose"},
	}
}

// define stores two versions of the probe as demo; the second has the marker.
func (p probe) define(t *testing.T) {
	t.Helper()
	if p.body["operation"] != nil { // which needs its service, whatever another row deleted
		editor.Post(t, "/api/v1/schema/traces/services", map[string]any{"service": p.body["service"], "purpose": "nothing yet"}).Want(t, 200)
	}
	for _, text := range []string{"nothing yet", "probe of demo-marker"} {
		p.body[p.text] = text
		editor.Post(t, "/api/v1/schema"+p.upsert, p.body).Want(t, 200)
	}
}

// definitions covers the routes of the registry. The editor's token belongs to
// demo; other has a viewer only, so there the definition of the demo data is
// read after nothing of demo's was found.
func definitions(all map[string]row) {
	for _, p := range probes() {
		key := "/api/v1/schema" + p.pattern
		all["GET "+key] = row{own: marker, ask: p.read(p.path, 404)}
		all["GET /api/v1/schema"+p.list] = row{own: marker, ask: p.read(p.listPath, 200)}
		all["GET "+key+"/diff"] = row{own: marker, ask: p.read(p.path+"/diff?from=1&to=2", 404)}
		all["GET "+key+"/versions/{version}"] = row{own: marker, ask: p.read(p.path+"/versions/2", 404)}
		all["GET "+key+"/versions"] = row{ask: p.versions, why: "numbers, authors and times"}
		all["POST /api/v1/schema"+strings.Replace(p.upsert, "leak_probe", "{metric}", 1)] = row{own: marker, ask: p.write(http.MethodPost, "/api/v1/schema"+p.upsert)}
		all["DELETE "+key] = row{own: marker, ask: p.write(http.MethodDelete, p.path)}
		all["POST "+key+"/versions/{version}/restore"] = row{own: marker, ask: p.write(http.MethodPost, p.path+"/versions/2/restore")}
	}
	search := probes()[0]
	all["GET /api/v1/schema/search"] = row{own: marker, ask: search.read("/api/v1/schema/search?q=leak+probe", 200)}
	all["GET /api/v1/schema/drift"] = row{own: func(me tenant) string { return me.name + "_marker_info" },
		ask: get("/api/v1/schema/drift?limit=1000")}
}

// read asks for the probe's own path; status is what a stranger gets.
func (p probe) read(path string, status int) func(*testing.T, tenant) *client.Answer {
	return func(t *testing.T, me tenant) *client.Answer {
		p.define(t)
		a := me.client.Get(t, path)
		if me.name == "demo" {
			return a
		}
		if a.Want(t, status); strings.Contains(string(a.Body), "probe of") {
			t.Errorf("%s sees %s: %.300s", me.name, path, a.Body)
		}
		return ownDefinition(t, me)
	}
}

func ownDefinition(t *testing.T, me tenant) *client.Answer {
	return me.client.Get(t, "/api/v1/schema/metrics/"+described)
}

func (p probe) versions(t *testing.T, me tenant) *client.Answer {
	p.define(t)
	a := me.client.Get(t, p.path+"/versions").Want(t, 200)
	if list, _ := a.At("versions").([]any); (len(list) > 0) != (me.name == "demo") {
		t.Errorf("%s finds %d versions", me.name, len(list))
	}
	return a
}

// write sends a write as demo and proves that it changed nothing of other's,
// and that other cannot write for demo.
func (p probe) write(method, path string) func(*testing.T, tenant) *client.Answer {
	return func(t *testing.T, me tenant) *client.Answer {
		p.define(t)
		body := ""
		if method == http.MethodPost {
			body = "{}"
		}
		if me.name != "demo" {
			if a := me.client.Must(t, method, path, body); a.Status != http.StatusForbidden {
				t.Errorf("a foreign write gave %d: %s", a.Status, a.Body)
			}
			me.client.Get(t, p.path).WantProblem(t, 404, "")
			return ownDefinition(t, me)
		}
		if path != "/api/v1/schema"+p.upsert {
			editor.Must(t, method, path, body).Want(t, 200)
			p.define(t)
		}
		return me.client.Get(t, p.path).Want(t, 200)
	}
}
