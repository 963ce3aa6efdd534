// Package logs is the embedded stand-in for VictoriaLogs: an HTTP server over
// rows in memory that answers on the paths and in the exact shapes of the real
// server, tenants apart. It is meant for laptops and tests and is no database;
// what it does otherwise stands in the README.
package logs

import (
	"net/http"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/endpoint"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Options configures a Server; the zero value keeps seven days of rows and
// shows them at once.
type Options struct {
	// Now is the clock for retention, relative times and defaults; nil means time.Now.
	Now func() time.Time
	// Retention is how old a row may be; 0 means seven days.
	Retention time.Duration
	// Visible delays rows between insert and query.
	Visible time.Duration
	// MaxRows bounds the rows of a tenant; 0 means eight million.
	MaxRows int
}

// Server is the stand-in: rows and the handlers over them.
type Server struct {
	store  *store.Store
	reads  *endpoint.Handler
	writes http.Handler
}

// New makes an empty server.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	rows := store.New(store.Options{Retention: o.Retention, Visible: o.Visible, Now: o.Now, MaxRows: o.MaxRows})
	return &Server{store: rows, reads: endpoint.New(rows, o.Now), writes: ingest.New(rows, o.Now)}
}

// Store returns the rows, for those who fill or read them within the process.
func (s *Server) Store() *store.Store { return s.store }

// ServeHTTP answers every path of VictoriaLogs.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/select/logsql/"):
		s.reads.ServeHTTP(w, r)
	case strings.HasPrefix(path, "/insert/"):
		s.writes.ServeHTTP(w, r)
	default:
		s.page(w, r)
	}
}

// Close ends the tails; other requests under way are the caller's.
func (s *Server) Close() error {
	s.reads.Close()
	return nil
}
