// Package metrics is the embedded stand-in for VictoriaMetrics: an HTTP
// server over the Prometheus TSDB and PromQL engine that answers on the paths
// and in the exact shapes of the real server, tenants apart. It is meant for
// laptops and tests; what it does otherwise stands in the README.
package metrics

import (
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/engine"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// Form says which URL layout the server answers on.
type Form int

const (
	// Both answers on the single-node paths (tenant 0:0) and on the cluster paths.
	Both Form = iota
	// Single answers on the single-node paths only.
	Single
	// Cluster answers on the cluster paths only, as vminsert and vmselect in one.
	Cluster
)

// Options configures a Server; the zero value is a memory-like server with
// a throw-away folder and one month of retention.
type Options struct {
	// Dir is the data folder; empty means a temporary one that Close removes.
	Dir string
	// Now is the clock for relative times and defaults; nil means time.Now.
	Now func() time.Time
	// Log receives storage events; nil discards them.
	Log *slog.Logger
	// Retention bounds the age of samples against the newest one; 0 means 31 days.
	Retention time.Duration
	// MaxTenants bounds the number of tenants that writes may create; 0 means 32.
	MaxTenants int
	// Form is the URL layout.
	Form Form
}

// Server is the stand-in: databases per tenant and the handler over them.
type Server struct {
	opts   Options
	store  *store.Store
	engine *engine.Engine
	zips   sync.Pool
	slots  chan struct{} // one per query that may run at a time
}

// New opens the databases below o.Dir. The caller must Close the server.
func New(o Options) (*Server, error) {
	o = o.withDefaults()
	db, err := store.Open(store.Options{Dir: o.Dir, Log: o.Log, Retention: o.Retention, MaxTenants: o.MaxTenants})
	if err != nil {
		return nil, err
	}
	return &Server{opts: o, store: db, engine: engine.New(o.Log, o.Now), zips: sync.Pool{New: newZip}, slots: make(chan struct{}, 2*runtime.GOMAXPROCS(0))}, nil
}

// Handler answers every VictoriaMetrics path; it may be mounted on any listener.
func (s *Server) Handler() http.Handler { return s.routes() }

// Close ends every database and removes a temporary folder.
func (s *Server) Close() error { return s.store.Close() }

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Retention == 0 {
		o.Retention = 31 * 24 * time.Hour
	}
	if o.MaxTenants == 0 {
		o.MaxTenants = 32
	}
	return o
}
