package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/client"
)

// markerMetric exists in one tenant only.
func markerMetric(me tenant) string { return me.name + "_marker_info" }

func marker(me tenant) string { return me.marker }

func get(path string) func(*testing.T, tenant) *client.Answer {
	return func(t *testing.T, me tenant) *client.Answer { return me.client.Get(t, path) }
}

func post(path string, body any) func(*testing.T, tenant) *client.Answer {
	return func(t *testing.T, me tenant) *client.Answer { return me.client.Post(t, path, body) }
}

func form(path string, values url.Values) func(*testing.T, tenant) *client.Answer {
	return func(t *testing.T, me tenant) *client.Answer { return me.client.Form(t, path, values) }
}

// described is a metric of the demo's definitions that no other test changes.
const described = "http_request_duration_seconds"

// rows covers the route table: see row for what each must show.
func rows() map[string]row {
	all := map[string]row{}
	public(all)
	account(all)
	metrics(all)
	prometheus(all)
	language(all)
	logRows(all)
	traceRows(all)
	jaegerRows(all)
	definitions(all)
	files(all)
	return all
}

func public(all map[string]row) {
	for _, path := range []string{"/", "/health", "/api/v1/health", "/ready", "/api/v1/ready", "/livez", "/readyz", "/metrics",
		"/swagger", "/swagger/", "/api/openapi.yaml", "/api/openapi.json", "/problems"} {
		all["GET "+path] = row{ask: get(path), why: "public: it knows no tenant's data"}
	}
	all["GET /swagger/{file}"] = row{ask: get("/swagger/index.html"), why: "public: it knows no tenant's data"}
	all["GET /problems/{code}"] = row{ask: get("/problems/not_found"), why: "public: it knows no tenant's data"}
	all["GET /microservices/status"] = row{ask: get("/microservices/status"), why: "states of parts, the same for every tenant"}
}

func account(all map[string]row) {
	all["GET /api/v1/auth/me"] = row{ask: get("/api/v1/auth/me"), own: func(me tenant) string { return `"` + me.name + `"` }}
	name := func(me tenant) string { return `"tenant_id":"` + me.name + `"` }
	all["POST /api/v1/auth/login"] = row{own: name, ask: signIn}
	all["POST /api/v1/auth/refresh"] = row{own: name, ask: func(t *testing.T, me tenant) *client.Answer {
		session, _ := signIn(t, me).At("data", "session_id").(string)
		return nobody.Must(t, http.MethodPost, "/api/v1/auth/refresh", "", "X-Session-Token: "+session)
	}}
	// A session of its own: the demo's tokens must outlive this row.
	all["POST /api/v1/auth/logout"] = row{why: "says only that the session ended", ask: func(t *testing.T, me tenant) *client.Answer {
		token, _ := signIn(t, me).At("data", "token").(string)
		return nobody.Must(t, http.MethodPost, "/api/v1/auth/logout", "", "Authorization: Bearer "+token)
	}}
}

// signIn logs a user of the tenant in by name and password.
func signIn(t *testing.T, me tenant) *client.Answer {
	t.Helper()
	prefix := map[string]string{"demo": "MIRADOR_ADMIN_", "other": "MIRADOR_OTHER_"}[me.name]
	user, errUser := running.Env(prefix + "USER")
	password, errPassword := running.Env(prefix + "PASSWORD")
	if errUser != nil || errPassword != nil {
		t.Fatal(errUser, errPassword)
	}
	return nobody.Post(t, "/api/v1/auth/login", map[string]string{"username": user, "password": password}).Want(t, 200)
}

func metrics(all map[string]row) {
	both := func(path string, r row) {
		all["GET "+path] = r
		all["GET "+strings.TrimPrefix(path, "/api/v1")] = r
	}
	for _, base := range []string{"/api/v1", ""} {
		all["GET "+base+"/query"] = row{own: marker, ask: get(base + "/query?query=up")}
		all["POST "+base+"/query"] = row{own: marker, ask: post(base+"/query", map[string]any{"query": `{__name__=~"up|.*_marker_info"}`})}
		window := map[string]any{"query": "sum by (marker) (up)", "start": "now-10m", "end": "now-5m", "step": "60"}
		all["GET "+base+"/query_range"] = row{own: marker, ask: get(base + "/query_range?query=up&start=now-10m&end=now-5m&step=60")}
		all["POST "+base+"/query_range"] = row{own: marker, ask: post(base+"/query_range", window)}
		all["POST "+base+"/series"] = row{own: marker, ask: form(base+"/series", url.Values{"match[]": {"up"}})}
		all["POST "+base+"/labels"] = row{own: func(me tenant) string { return me.name + "_marker" }, ask: form(base+"/labels", url.Values{})}
	}
	both("/api/v1/series", row{own: marker, ask: get("/api/v1/series?match[]=up")})
	both("/api/v1/labels", row{own: func(me tenant) string { return me.name + "_marker" }, ask: get("/api/v1/labels")})
	both("/api/v1/metrics/names", row{own: markerMetric, ask: get("/api/v1/metrics/names")})
	all["GET /api/v1/label/{name}/values"] = row{own: marker, ask: get("/api/v1/label/marker/values")}
	all["GET /api/v1/metrics/metadata"] = row{own: marker, ask: get("/api/v1/metrics/metadata")}
}

func prometheus(all map[string]row) {
	const base = "/prometheus/api/v1/"
	add := func(endpoint string, values url.Values, own func(tenant) string) {
		all["GET "+base+endpoint] = row{own: own, ask: get(base + endpoint + "?" + values.Encode())}
		all["POST "+base+endpoint] = row{own: own, ask: form(base+endpoint, values)}
	}
	window := url.Values{"query": {"up"}, "start": {"now-10m"}, "end": {"now-5m"}, "step": {"60"}}
	add("query", url.Values{"query": {"up"}}, marker)
	add("query_range", window, marker)
	add("series", url.Values{"match[]": {"up"}}, marker)
	add("labels", url.Values{}, func(me tenant) string { return me.name + "_marker" })
	all["GET "+base+"label/{name}/values"] = row{own: marker, ask: get(base + "label/marker/values")}
	all["GET "+base+"metadata"] = row{own: marker, ask: get(base + "metadata")}
	query := url.Values{"query": {"up"}}
	for _, endpoint := range []string{"format_query", "query_exemplars"} {
		r := row{why: "looks at the query's text, or is always empty"}
		r.ask = get(base + endpoint + "?" + query.Encode())
		all["GET "+base+endpoint] = r
		r.ask = form(base+endpoint, query)
		all["POST "+base+endpoint] = r
	}
	for _, endpoint := range []string{"rules", "alerts"} {
		all["GET "+base+endpoint] = row{ask: get(base + endpoint), why: "always empty: rules belong to the alert engine"}
	}
	all["GET "+base+"status/buildinfo"] = row{ask: get(base + "status/buildinfo"), why: "what the server is, the same for every tenant"}
}

// language routes only look at the text that the caller sends.
func language(all map[string]row) {
	for _, name := range []string{"validate", "format", "explain"} {
		path := "/api/v1/query/" + name
		r := row{why: "looks at the query's text only"}
		r.ask = get(path + "?query=up")
		all["GET "+path] = r
		r.ask = post(path, map[string]string{"query": "up"})
		all["POST "+path] = r
	}
}
