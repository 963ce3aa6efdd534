package metrics

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// decode reads a request's body into parts.
type decode func(body io.Reader, at int64, sink ingest.Sink) error

func (s *Server) importText(w http.ResponseWriter, r *http.Request, at scope) {
	s.accept(w, r, at, http.StatusNoContent, ingest.Text)
}

func (s *Server) importJSON(w http.ResponseWriter, r *http.Request, at scope) {
	s.accept(w, r, at, http.StatusNoContent, func(b io.Reader, _ int64, sink ingest.Sink) error { return ingest.JSONLines(b, sink) })
}

func (s *Server) importCSV(w http.ResponseWriter, r *http.Request, at scope) {
	format := r.URL.Query().Get("format")
	s.accept(w, r, at, http.StatusNoContent, func(b io.Reader, t int64, sink ingest.Sink) error { return ingest.CSV(b, format, t, sink) })
}

func (s *Server) influx(w http.ResponseWriter, r *http.Request, at scope) {
	s.accept(w, r, at, http.StatusNoContent, ingest.Influx)
}

func (s *Server) remoteWrite(w http.ResponseWriter, r *http.Request, at scope) {
	s.accept(w, r, at, http.StatusNoContent, func(b io.Reader, _ int64, sink ingest.Sink) error {
		if err := ingest.RemoteWrite(b, sink); err != nil {
			return fmt.Errorf("cannot read prometheus remote_write data from client in 0 seconds: %w", err)
		}
		return nil
	})
}

func (s *Server) otlp(w http.ResponseWriter, r *http.Request, at scope) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		fail(w, http.StatusBadRequest, "json encoding isn't supported for opentelemetry format. Use protobuf encoding")
		return
	}
	s.accept(w, r, at, http.StatusOK, func(b io.Reader, _ int64, sink ingest.Sink) error {
		if err := ingest.OTLP(b, sink); err != nil {
			return fmt.Errorf("cannot decode OpenTelemetry protocol data: %w", err)
		}
		return nil
	})
}

// accept stores a write. The form is never parsed: it would eat the body.
func (s *Server) accept(w http.ResponseWriter, r *http.Request, at scope, status int, read decode) {
	body, err := unpack(r)
	if err == nil {
		err = read(body, s.stamp(r), s.sink(r, at))
	}
	switch {
	case errors.Is(err, store.ErrTooManyTenants):
		fail(w, http.StatusTooManyRequests, err.Error())
	case err != nil:
		fail(w, http.StatusBadRequest, err.Error())
	default:
		w.WriteHeader(status)
	}
}

func unpack(r *http.Request) (io.Reader, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return r.Body, nil
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, fmt.Errorf("cannot read gzip-compressed data: %w", err)
	}
	return z, nil
}

// stamp is the time of samples that have none.
func (s *Server) stamp(r *http.Request) int64 {
	if ms, err := strconv.ParseInt(r.URL.Query().Get("timestamp"), 10, 64); err == nil {
		return ms
	}
	return s.opts.Now().UnixMilli()
}

// future is how far ahead of the clock a sample may lie. Without a bound one
// stray sample would make all others too old.
const future = 48 * time.Hour

func (s *Server) sink(r *http.Request, at scope) ingest.Sink {
	extra := r.URL.Query()["extra_label"]
	now := s.opts.Now()
	from, to := now.Add(-s.opts.Retention).UnixMilli(), now.Add(future).UnixMilli()
	return func(b ingest.Batch) error {
		for i := range b.Series {
			b.Series[i] = within(b.Series[i], from, to)
			b.Series[i].Labels = override(b.Series[i].Labels, extra)
		}
		for tenant, part := range split(b, at) {
			db, err := s.store.Create(tenant)
			if err != nil {
				return err
			}
			db.Describe(part.Meta)
			if err := db.Append(r.Context(), part.Series); err != nil {
				return err
			}
		}
		return nil
	}
}

// within drops the samples outside of [from, to].
func within(s store.Series, from, to int64) store.Series {
	keep := 0
	for i, t := range s.T {
		if t >= from && t <= to {
			s.T[keep], s.V[keep] = t, s.V[i]
			keep++
		}
	}
	s.T, s.V = s.T[:keep], s.V[:keep]
	return s
}

func override(l labels.Labels, extra []string) labels.Labels {
	if len(extra) == 0 {
		return l
	}
	b := labels.NewBuilder(l)
	for _, pair := range extra {
		name, value, _ := strings.Cut(pair, "=")
		b.Set(name, value)
	}
	return b.Labels()
}

// split sorts the series of the multitenant path by the tenant in their labels.
func split(b ingest.Batch, at scope) map[store.Tenant]ingest.Batch {
	if !at.every {
		return map[store.Tenant]ingest.Batch{at.tenant: b}
	}
	parts := map[store.Tenant]ingest.Batch{}
	for _, s := range b.Series {
		t := store.Tenant{Account: id(s.Labels.Get(accountLabel)), Project: id(s.Labels.Get(projectLabel))}
		s.Labels = labels.NewBuilder(s.Labels).Del(accountLabel, projectLabel).Labels()
		part := parts[t]
		part.Series = append(part.Series, s)
		parts[t] = part
	}
	return parts
}

// id reads a tenant number; a bad one counts as 0, as on the real server.
func id(text string) uint32 {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
