// Package traces is the embedded stand-in for VictoriaTraces: an HTTP server
// over spans in memory that takes OpenTelemetry's protobuf and answers Jaeger's
// query API and LogsQL in the exact shapes of the real server, tenants apart.
// It is meant for laptops and tests and is no database; what it does otherwise
// stands in the README.
package traces

import (
	"net/http"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/endpoint"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Options configures a Server; the zero value keeps seven days of spans and
// shows them at once.
type Options struct {
	// Now is the clock for retention and defaults; nil means time.Now.
	Now func() time.Time
	// Retention is how old a span may be; 0 means seven days.
	Retention time.Duration
	// Visible delays spans between insert and query. Lists of services and
	// operations do not wait.
	Visible time.Duration
	// MaxSpans bounds the spans of a tenant, the oldest go; 0 means eight million.
	MaxSpans int
}

// Server is the stand-in: spans as rows of a store, where to find each trace
// among them, and the handlers.
type Server struct {
	opts    Options
	store   *store.Store
	index   *index
	streams *ingest.Streams
	logsql  *endpoint.Handler
}

// New makes an empty server.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Retention == 0 {
		o.Retention = 7 * 24 * time.Hour
	}
	rows := store.New(store.Options{Retention: o.Retention, Visible: o.Visible, Now: o.Now, MaxRows: o.MaxSpans})
	return &Server{opts: o, store: rows, index: newIndex(), streams: ingest.NewStreams(), logsql: endpoint.New(rows, o.Now)}
}

// Store returns the spans as rows, for those who read them within the process.
// Spans that are added there are not found by Jaeger's API: use Add.
func (s *Server) Store() *store.Store { return s.store }

// Close ends the tails; other requests under way are the caller's.
func (s *Server) Close() error {
	s.logsql.Close()
	return nil
}

// ServeHTTP answers every path of VictoriaTraces.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept-Encoding")
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/select/logsql/"):
		s.logsql.ServeHTTP(w, r)
	case strings.HasPrefix(path, "/select/"):
		w.Header().Set("Access-Control-Allow-Origin", "*")
		s.selects(w, r)
	case path == "/insert/opentelemetry/v1/traces":
		s.insert(w, r)
	default:
		page(w, path)
	}
}

// page answers the paths that neither read nor write spans.
func page(w http.ResponseWriter, path string) {
	texts := map[string]string{
		"/health":    "OK",
		"/-/healthy": "VictoriaMetrics is Healthy.\n",
		"/-/ready":   "VictoriaMetrics is Ready.\n",
	}
	text, ok := texts[path]
	switch {
	case ok:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(text))
	case path == "/internal/force_flush": // there is nothing to flush
	default:
		unsupported(w, path)
	}
}

func unsupported(w http.ResponseWriter, path string) {
	ingest.Fail(w, "unsupported path requested: %q", path)
}
