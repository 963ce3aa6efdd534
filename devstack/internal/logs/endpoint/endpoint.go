// Package endpoint answers LogsQL over HTTP, /select/logsql/*, in the shapes
// of VictoriaLogs, from any store of rows.
package endpoint

import (
	"context"
	"net/http"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Handler answers /select/logsql/*.
type Handler struct {
	store  *store.Store
	now    func() time.Time
	ending context.Context // done when tails must end
	end    context.CancelFunc
}

// New answers /select/logsql/* from rows of s; now is the clock for relative
// times, nil means time.Now.
func New(s *store.Store, now func() time.Time) *Handler {
	if now == nil {
		now = time.Now
	}
	h := &Handler{store: s, now: now}
	h.ending, h.end = context.WithCancel(context.Background())
	return h
}

// Close ends the tails; without it they end with their requests.
func (h *Handler) Close() { h.end() }

const (
	textType   = "text/plain; charset=utf-8"
	jsonType   = "application/json"
	streamType = "application/stream+json"
	tailType   = "application/x-ndjson"
	// maxForm bounds a body.
	maxForm = 32 << 20
)

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept-Encoding")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.URL.Path == "/select/logsql/tail" {
		h.tail(w, r)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	serve, known := map[string]func(*Handler, *answer, *arguments) error{
		"/select/logsql/query":               (*Handler).query,
		"/select/logsql/hits":                (*Handler).hits,
		"/select/logsql/facets":              (*Handler).facets,
		"/select/logsql/field_names":         (*Handler).fieldNames,
		"/select/logsql/field_values":        (*Handler).fieldValues,
		"/select/logsql/streams":             (*Handler).streams,
		"/select/logsql/stream_ids":          (*Handler).streamIDs,
		"/select/logsql/stream_field_names":  (*Handler).streamFieldNames,
		"/select/logsql/stream_field_values": (*Handler).streamFieldValues,
		"/select/logsql/stats_query":         (*Handler).statsQuery,
		"/select/logsql/stats_query_range":   (*Handler).statsQueryRange,
	}[r.URL.Path]
	if !known {
		fail(w, r, errorf("unsupported path requested: %q", r.URL.Path))
		return
	}
	a := newAnswer(w, r)
	args, err := h.arguments(r)
	if err == nil {
		ctx, cancel := args.deadline(r.Context())
		defer cancel()
		args.ctx = ctx
		err = serve(h, a, args)
	}
	a.finish(err)
}
