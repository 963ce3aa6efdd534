// Package ingest is the writing side of the stand-in for VictoriaLogs:
// /insert/* over HTTP (JSON lines, OpenTelemetry, Loki, Elasticsearch bulk) and
// what it takes to add rows within the process.
package ingest

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Field and Row are what rows are made of.
type (
	Field = store.Field
	// Row is one record of the store.
	Row = store.Row
)

// New answers /insert/* by adding to s; now is the clock for rows without a
// time, nil means time.Now.
func New(s *store.Store, now func() time.Time) http.Handler {
	if now == nil {
		now = time.Now
	}
	return &handler{store: s, now: now, streams: NewStreams()}
}

type handler struct {
	store   *store.Store
	now     func() time.Time
	streams *Streams
}

const textType, jsonType = "text/plain; charset=utf-8", "application/json"

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept-Encoding")
	switch r.URL.Path {
	case "/insert/jsonline":
		h.jsonline(w, r)
	case "/insert/opentelemetry/v1/logs":
		h.otlp(w, r)
	case "/insert/loki/api/v1/push":
		h.loki(w, r)
	case "/insert/loki/ready":
		send(w, textType, "ready")
	case "/insert/elasticsearch/_bulk":
		h.bulk(w, r)
	case "/insert/elasticsearch", "/insert/elasticsearch/":
		send(w, jsonType, "{\n\t\t\t\"version\": {\n\t\t\t\t\"number\": \"8.9.0\"\n\t\t\t}\n\t\t}")
	default:
		Fail(w, "unsupported path requested: %q", r.URL.Path)
	}
}

// jsonline answers 200 whatever the body is, as the real server does, except
// when it is larger than the stand-in takes.
func (h *handler) jsonline(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", jsonType)
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	tenant, err := Tenant(r.Header)
	if err != nil {
		Fail(w, "%v", err)
		return
	}
	body, err := Body(r)
	if errors.Is(err, errTooBig) {
		Fail(w, "%v", err)
	}
	if err != nil {
		return
	}
	c := columns(r)
	h.add(tenant, c, JSONLines(body, c, h.now(), h.streams))
}

func (h *handler) bulk(w http.ResponseWriter, r *http.Request) {
	tenant, err := Tenant(r.Header)
	if err != nil {
		Fail(w, "%v", err)
		return
	}
	body, err := Body(r)
	if err != nil {
		Fail(w, "cannot read Elasticsearch data: %v", err)
		return
	}
	began, c := time.Now(), columns(r)
	rows, documents := Bulk(body, c, h.now(), h.streams)
	h.add(tenant, c, rows)
	send(w, jsonType, string(bulkAnswer(time.Since(began), documents)))
}

func (h *handler) add(t store.Tenant, c Columns, rows []Row) {
	if !c.Debug {
		h.store.Add(t, rows)
	}
}

func send(w http.ResponseWriter, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write([]byte(body))
}

// Fail answers 400 with a line of text.
func Fail(w http.ResponseWriter, format string, args ...any) {
	w.Header().Set("Content-Type", textType)
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprintf(w, format+"\n", args...)
}
