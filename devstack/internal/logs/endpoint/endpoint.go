// Package endpoint answers LogsQL over HTTP, /select/logsql/*, in the shapes
// of VictoriaLogs, from any store of rows.
package endpoint

import (
	"net/http"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// New answers /select/logsql/* from rows of s; now is the clock for relative
// times, nil means time.Now. Tails end with their requests.
func New(s *store.Store, now func() time.Time) http.Handler {
	if now == nil {
		now = time.Now
	}
	return &handler{store: s, now: now}
}

type handler struct {
	store *store.Store
	now   func() time.Time
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "not there yet", http.StatusNotImplemented)
}
