package metrics

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/engine"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// listing reads what the index routes share: selectors, filters, window, limit.
func (s *Server) listing(w http.ResponseWriter, r *http.Request, at scope, must bool) (found []labels.Labels, limit int, ok bool) {
	if preflight(w, r) {
		return nil, 0, false
	}
	a := s.args(r)
	now := a.now.UnixMilli()
	to := a.time("end", now)
	from := a.time("start", to-defaultStep)
	limit = a.limit("limit")
	sel := a.matches()
	if must && len(sel) == 0 {
		a.fail(errors.New("missing `match[]` arg"))
	}
	if len(sel) == 0 {
		sel = store.All()
	}
	sel = engine.And(sel, a.filters())
	if a.err != nil {
		failJSON(w, http.StatusBadRequest, a.err.Error())
		return nil, 0, false
	}
	found, err := reader{s.store, at}.Series(r.Context(), sel, from, to)
	if err != nil {
		failJSON(w, http.StatusServiceUnavailable, err.Error())
		return nil, 0, false
	}
	return found, limit, true
}

func (s *Server) series(w http.ResponseWriter, r *http.Request, at scope) {
	found, limit, ok := s.listing(w, r, at, true)
	if !ok {
		return
	}
	found = cut(found, limit)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	out := s.newOutput(w, r, jsonType)
	defer out.close()
	out.buf = startList(at.cluster, out.buf)
	for i, l := range found {
		if i > 0 {
			out.buf = append(out.buf, ',')
		}
		out.buf = appendLabels(out.buf, l)
		out.spill()
	}
	out.buf = append(out.buf, "]}"...)
}

func (s *Server) labelNames(w http.ResponseWriter, r *http.Request, at scope) {
	found, limit, ok := s.listing(w, r, at, false)
	if !ok {
		return
	}
	names := map[string]struct{}{}
	for _, l := range found {
		l.Range(func(p labels.Label) { names[p.Name] = struct{}{} })
	}
	s.sendNames(w, r, at, names, limit)
}

func (s *Server) labelValues(w http.ResponseWriter, r *http.Request, at scope, name string) {
	found, limit, ok := s.listing(w, r, at, false)
	if !ok {
		return
	}
	name = decodeLabel(name)
	values := map[string]struct{}{}
	for _, l := range found {
		if v := l.Get(name); v != "" {
			values[v] = struct{}{}
		}
	}
	s.sendNames(w, r, at, values, limit)
}

// decodeLabel undoes URL escapes and Prometheus' U__ spelling of label names.
func decodeLabel(name string) string {
	if plain, err := unescapePath(name); err == nil {
		name = plain
	}
	if strings.HasPrefix(name, "U__") {
		return model.UnescapeName(name, model.ValueEncodingEscaping)
	}
	return name
}

func (s *Server) sendNames(w http.ResponseWriter, r *http.Request, at scope, set map[string]struct{}, limit int) {
	body := startList(at.cluster, nil)
	for _, name := range cut(slices.Sorted(maps.Keys(set)), limit) {
		body = appendItem(body, name)
	}
	s.sendJSON(w, r, append(body, "]}"...))
}

func cut[T any](all []T, limit int) []T {
	if limit > 0 && len(all) > limit {
		return all[:limit]
	}
	return all
}
