package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/e2e/client"
)

// probed is the service that only this tenant has; its rows, operations and
// spans carry the marker.
func probed(me tenant) string { return "probe-" + me.marker }

// lately is a window that holds rows and traces of both tenants.
func lately() string {
	now := time.Now()
	return fmt.Sprintf("start=%d&end=%d", now.Add(-40*time.Minute).UnixMilli(), now.Add(-time.Minute).UnixMilli())
}

func logRows(all map[string]row) {
	const base = "/api/v1/logs/"
	both := func(name, query string) {
		ask := func(method string) func(*testing.T, tenant) *client.Answer {
			return func(t *testing.T, me tenant) *client.Answer {
				q := strings.ReplaceAll(query, url.QueryEscape("{probe}"), probed(me))
				if method == http.MethodGet {
					return me.client.Get(t, base+name+"?"+q)
				}
				values, err := url.ParseQuery(q)
				if err != nil {
					t.Fatal(err)
				}
				return me.client.Form(t, base+name, values)
			}
		}
		all["GET "+base+name] = row{own: marker, ask: ask(http.MethodGet)}
		all["POST "+base+name] = row{own: marker, ask: ask(http.MethodPost)}
	}
	window := "&" + lately()
	both("query", "query=*&limit=20"+window)
	both("search", "query=*&limit=20"+window)
	both("export", "query=*&format=ndjson&limit=50"+window)
	both("histogram", "query=*&field=marker"+window)
	both("facets", "query=*&fields=marker,service"+window)
	both("patterns", "query="+url.QueryEscape("env:=synthetic")+window)
	// The query itself leaves the probe out of the good window, so that its
	// service appears in the bad one.
	changed := url.QueryEscape(`(service:="{probe}" _time:30m) or service:=frontend`)
	both("differences", "query="+changed+"&fields=service&bad_start=now-30m&bad_end=now&good_start=now-70m&good_end=now-40m")
	all["GET "+base+"streams"] = row{own: marker, ask: get(base + "streams?limit=1000" + window)}
	all["GET "+base+"fields"] = row{own: func(me tenant) string { return strings.ReplaceAll(me.marker, "-", "_") }, ask: get(base + "fields?" + lately())}
	all["GET "+base+"fields/{field}/values"] = row{own: marker, ask: get(base + "fields/marker/values?" + lately())}
	around(all)
	all["POST "+base+"store"] = row{ask: kept, own: func(me tenant) string { return me.marker }}
	all["GET "+base+"tail"] = row{own: marker, ask: tailed}
	all["GET /api/v1/services/{service}/logs"] = row{own: marker, ask: of("/api/v1/services/%s/logs")}
	all["GET /api/v1/services/{service}/traces"] = row{own: marker, ask: of("/api/v1/services/%s/traces")}
	all["GET /api/v1/services/{service}/metrics"] = row{own: markerMetric, ask: of("/api/v1/services/%s/metrics")}
}

// of asks for the tenant's own service.
func of(path string) func(*testing.T, tenant) *client.Answer {
	return func(t *testing.T, me tenant) *client.Answer { return me.client.Get(t, fmt.Sprintf(path, probed(me))) }
}

// around adds the rows that begin at a row of the tenant.
func around(all map[string]row) {
	place := func(t *testing.T, me tenant) string {
		a := me.client.Get(t, "/api/v1/logs/search?limit=1&query="+url.QueryEscape("trace_id:*")+"&"+lately()).Want(t, 200)
		return fmt.Sprintf("stream_id=%v&time=%v", a.At("rows", 0, "_stream_id"), url.QueryEscape(fmt.Sprint(a.At("rows", 0, "_time"))))
	}
	all["GET /api/v1/logs/context"] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
		return me.client.Get(t, "/api/v1/logs/context?"+place(t, me))
	}}
	all["POST /api/v1/logs/context"] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
		values, err := url.ParseQuery(place(t, me))
		if err != nil {
			t.Fatal(err)
		}
		return me.client.Form(t, "/api/v1/logs/context", values)
	}}
	all["GET /api/v1/traces/{trace_id}/logs"] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
		return me.client.Get(t, "/api/v1/traces/"+traceOf(t, me)+"/logs?"+lately())
	}}
	// The answer holds ids only; the trace that an id leads to holds the marker,
	// and for the other tenant it does not exist.
	ids := func(ask func(t *testing.T, me tenant) *client.Answer) func(t *testing.T, me tenant) *client.Answer {
		return func(t *testing.T, me tenant) *client.Answer {
			id := fmt.Sprint(ask(t, me).Want(t, 200).At("data", "traces", 0, "traceId"))
			stranger := map[string]*client.Client{"demo": other, "other": viewer}[me.name]
			stranger.Get(t, "/api/v1/traces/"+id).WantProblem(t, 404, "not_found")
			return me.client.Get(t, "/api/v1/traces/"+id)
		}
	}
	query := url.Values{"query": {"trace_id:*"}, "limit": {"5"}, "start": {"now-40m"}, "end": {"now-1m"}}
	all["GET /api/v1/logs/traces"] = row{own: marker, ask: ids(get("/api/v1/logs/traces?" + query.Encode()))}
	all["POST /api/v1/logs/traces"] = row{own: marker, ask: ids(form("/api/v1/logs/traces", query))}
}

// kept stores an event in demo and reads it back as the tenant. Other has a
// viewer only: it may store nothing and finds nothing of demo's; then it reads a
// row of its own.
func kept(t *testing.T, me tenant) *client.Answer {
	id := fmt.Sprintf("leak%d", time.Now().UnixNano())
	editor.Post(t, "/api/v1/logs/store", map[string]any{"_msg": "leak probe demo-marker", "leak_id": id, "service": "e2e"}).Want(t, 201)
	if me.name != "demo" {
		me.client.Post(t, "/api/v1/logs/store", map[string]any{"_msg": "x"}).WantProblem(t, 403, "access_denied")
		a := me.client.Get(t, "/api/v1/logs/query?query="+url.QueryEscape("leak_id:="+id)).Want(t, 200)
		if number(a.At("metadata", "logCount")) != 0 {
			t.Fatalf("finds the other tenant's event: %s", a.Body)
		}
		return me.client.Get(t, "/api/v1/logs/query?limit=1&query="+url.QueryEscape("service:="+probed(me)))
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		a := me.client.Get(t, "/api/v1/logs/query?query="+url.QueryEscape("leak_id:="+id)).Want(t, 200)
		if number(a.At("metadata", "logCount")) == 1 || time.Now().After(deadline) {
			return a
		}
	}
}

// tailed reads some rows of a tail as one answer.
func tailed(t *testing.T, me tenant) *client.Answer {
	tail := me.client.Tail(t, fmt.Sprintf("/api/v1/logs/tail?since=%d", time.Now().Add(-30*time.Minute).UnixMilli()))
	defer tail.Vanish()
	a := &client.Answer{Status: http.StatusOK}
	for range 50 {
		f := tail.Next(t, "row")
		a.Body = append(a.Body, fmt.Sprint(f.Tenant, f.Data)...)
	}
	return a
}

// traceOf finds a trace of the tenant.
func traceOf(t *testing.T, me tenant) string {
	t.Helper()
	a := me.client.Get(t, "/api/v1/services/"+probed(me)+"/traces?limit=1&"+lately()).Want(t, 200)
	id, _ := a.At("data", "traces", 0, "traceID").(string)
	if id == "" {
		t.Fatalf("%s has no trace: %.300s", me.name, a.Body)
	}
	return id
}

func traceRows(all map[string]row) {
	const base = "/api/v1/traces/"
	window := "&" + lately()
	all["GET "+base+"services"] = row{own: marker, ask: get(base + "services")}
	all["GET "+base+"services/{service}/operations"] = row{own: marker, ask: of(base + "services/%s/operations")}
	one := func(tail string) func(*testing.T, tenant) *client.Answer {
		return func(t *testing.T, me tenant) *client.Answer { return me.client.Get(t, base+traceOf(t, me)+tail) }
	}
	all["GET "+base+"{trace_id}"] = row{own: marker, ask: one("")}
	all["GET "+base+"{trace_id}/flamegraph"] = row{own: marker, ask: one("/flamegraph")}
	all["GET "+base+"{trace_id}/critical-path"] = row{own: marker, ask: one("/critical-path")}
	all["GET "+base+"{trace_id}/compare/{other}"] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
		id := traceOf(t, me)
		return me.client.Get(t, base+id+"/compare/"+id)
	}}
	both := func(name string) {
		all["GET "+base+name] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
			return me.client.Get(t, base+name+"?limit=5&service="+probed(me)+window)
		}}
		all["POST "+base+name] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
			return me.client.Post(t, base+name, map[string]any{"service": probed(me), "limit": 5})
		}}
	}
	both("search")
	both("flamegraph/search")
	both("service-map")
}

func jaegerRows(all map[string]row) {
	const base = "/jaeger/api/"
	micros := func() string {
		now := time.Now()
		return fmt.Sprintf("start=%d&end=%d", now.Add(-40*time.Minute).UnixMicro(), now.UnixMicro())
	}
	all["GET "+base+"services"] = row{own: marker, ask: get(base + "services")}
	all["GET "+base+"services/{service}/operations"] = row{own: marker, ask: of(base + "services/%s/operations")}
	all["GET "+base+"operations"] = row{own: marker, ask: of(base + "operations?service=%s")}
	all["GET "+base+"traces"] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
		return me.client.Get(t, base+"traces?limit=3&service="+probed(me)+"&"+micros())
	}}
	all["GET "+base+"traces/{trace_id}"] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
		return me.client.Get(t, base+"traces/"+traceOf(t, me))
	}}
	all["GET "+base+"dependencies"] = row{own: marker, ask: func(t *testing.T, me tenant) *client.Answer {
		return me.client.Get(t, fmt.Sprintf("%sdependencies?endTs=%d&lookback=2400000", base, time.Now().UnixMilli()))
	}}
}
