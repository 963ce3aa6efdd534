package metrics

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/VictoriaMetrics/metricsql"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

func (s *Server) metadata(w http.ResponseWriter, r *http.Request, at scope) {
	a := s.args(r)
	limit := a.limit("limit")
	if a.err != nil {
		failJSON(w, http.StatusBadRequest, a.err.Error())
		return
	}
	body := append(appendStatus(nil, at.cluster), `"data": {`...)
	for _, db := range s.databases(at) {
		names, all := db.Metadata(a.get("metric"), limit)
		for _, name := range names {
			body = appendMeta(body, name, all[name])
		}
	}
	s.sendPlain(w, r, append(body, "}}"...))
}

func appendMeta(b []byte, name string, m store.Meta) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(appendString(b, name), `: [{"type":`...)
	b = appendString(b, m.Type)
	if m.Unit != "" {
		b = appendString(append(b, `,"unit":`...), m.Unit)
	}
	b = appendString(append(b, `,"help":`...), m.Help)
	return append(b, `}]`...)
}

// databases returns those of the scope that exist.
func (s *Server) databases(at scope) (all []*store.DB) {
	tenants := []store.Tenant{at.tenant}
	if at.every {
		tenants = s.store.Tenants()
	}
	for _, t := range tenants {
		if db := s.store.Get(t); db != nil {
			all = append(all, db)
		}
	}
	return all
}

// seriesCount counts all series of the scope; filters do not hold for it.
func (s *Server) seriesCount(w http.ResponseWriter, r *http.Request, at scope) {
	found, err := reader{s.store, at}.Series(r.Context(), store.All(), 0, s.opts.Now().UnixMilli())
	if err != nil {
		failJSON(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	body := strconv.AppendInt(startList(at.cluster, nil), int64(len(found)), 10)
	s.sendJSON(w, r, append(body, "]}"...))
}

func (s *Server) prettify(w http.ResponseWriter, r *http.Request, _ scope) {
	pretty, err := metricsql.Prettify(s.args(r).get("query"))
	if err != nil {
		body := appendString([]byte(`{"status": "error", "msg": `), err.Error())
		s.sendJSON(w, r, append(body, '}'))
		return
	}
	body := appendString([]byte(`{"status": "success", "query": `), pretty)
	s.sendJSON(w, r, append(body, '}'))
}

func unescapePath(s string) (string, error) { return url.PathUnescape(s) }
