package metrics

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// scope is what the path of a request says: whose data, in which layout.
type scope struct {
	tenant  store.Tenant
	every   bool // the multitenant path
	cluster bool
}

// endpoint answers one path of the API.
type endpoint func(s *Server, w http.ResponseWriter, r *http.Request, at scope)

func reads() map[string]endpoint {
	return map[string]endpoint{
		"api/v1/query":                 (*Server).query,
		"api/v1/query_range":           (*Server).queryRange,
		"api/v1/series":                (*Server).series,
		"api/v1/series/count":          (*Server).seriesCount,
		"api/v1/labels":                (*Server).labelNames,
		"api/v1/metadata":              (*Server).metadata,
		"api/v1/export":                (*Server).export,
		"api/v1/export/csv":            (*Server).exportCSV,
		"federate":                     (*Server).federate,
		"api/v1/status/tsdb":           (*Server).statusTSDB,
		"api/v1/status/buildinfo":      fixed(`{"status":"success","data":{"version":"2.24.0"}}`),
		"api/v1/status/active_queries": activeQueries,
		"api/v1/rules":                 fixed(`{"status":"success","data":{"groups":[]}}`),
		"api/v1/alerts":                fixed(`{"status":"success","data":{"alerts":[]}}`),
		"api/v1/query_exemplars":       fixed(`{"status":"success","data":[]}`),
		"prettify-query":               (*Server).prettify,
	}
}

// singleReads are the routes that only a single node has.
func singleReads() map[string]endpoint {
	return map[string]endpoint{
		"api/v1/status/config":            fixed(`{"status":"success","data":{"yaml":""}}`),
		"api/v1/targets":                  fixed(`{"status":"success","data":{"activeTargets":[],"droppedTargets":[]}}`),
		"api/v1/admin/tsdb/delete_series": onlyPost,
	}
}

func writes() map[string]endpoint {
	return map[string]endpoint{
		"api/v1/import/prometheus": (*Server).importText,
		"api/v1/import":            (*Server).importJSON,
		"api/v1/import/csv":        (*Server).importCSV,
		"api/v1/write":             (*Server).remoteWrite,
	}
}

// bareWrites stand beside the prometheus prefix, not below it.
func bareWrites() map[string]endpoint {
	return map[string]endpoint{
		"opentelemetry/v1/metrics":  (*Server).otlp,
		"opentelemetry/api/v1/push": (*Server).otlp,
		"influx/write":              (*Server).influx,
	}
}

// routes builds the handler over tables that are made once.
func (s *Server) routes() http.Handler {
	t := tables{read: reads(), single: singleReads(), write: writes(), bare: bareWrites(), pages: pages()}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		s.dispatch(t, w, r)
	})
}

type tables struct{ read, single, write, bare, pages map[string]endpoint }

func (s *Server) dispatch(t tables, w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if page, ok := t.pages[path]; ok {
		page(s, w, r, scope{cluster: s.opts.Form == Cluster})
		return
	}
	if s.opts.Form != Single {
		if s.dispatchCluster(t, w, r, path) {
			return
		}
	}
	if s.opts.Form != Cluster && s.dispatchSingle(t, w, r, strings.TrimPrefix(path, "/")) {
		return
	}
	if s.opts.Form == Cluster && knownSingle(t, path) {
		fail(w, http.StatusBadRequest, fmt.Sprintf("unsupported URL format for path %q. Make sure you're using cluster URL format https://docs.victoriametrics.com/victoriametrics/cluster-victoriametrics/#url-format.", path))
		return
	}
	unsupported(w, r)
}

func (s *Server) dispatchSingle(t tables, w http.ResponseWriter, r *http.Request, path string) bool {
	short := strings.TrimPrefix(path, "prometheus/")
	if path == "write" {
		path = "influx/write"
	}
	for _, found := range []endpoint{t.bare[path], t.write[short], t.single[short], t.read[short], labelValues(short)} {
		if found != nil {
			found(s, w, r, scope{})
			return true
		}
	}
	return false
}

// knownSingle says whether a cluster would answer path below /select.
func knownSingle(t tables, path string) bool {
	short := strings.TrimPrefix(strings.TrimPrefix(path, "/"), "prometheus/")
	return t.read[short] != nil || labelValues(short) != nil
}

func labelValues(path string) endpoint {
	name, ok := strings.CutPrefix(path, "api/v1/label/")
	name, values := strings.CutSuffix(name, "/values")
	if !ok || !values || name == "" || strings.Contains(name, "/") {
		return nil
	}
	return func(s *Server, w http.ResponseWriter, r *http.Request, at scope) { s.labelValues(w, r, at, name) }
}

// unsupported is the answer to every path that does not exist.
func unsupported(w http.ResponseWriter, r *http.Request) {
	fail(w, http.StatusBadRequest, fmt.Sprintf("unsupported path requested: %q", r.URL.EscapedPath()))
}
