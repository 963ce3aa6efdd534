package metrics

import (
	"net/http"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// pages are the routes outside of any API prefix.
func pages() map[string]endpoint {
	return map[string]endpoint{
		"/":                     root,
		"/health":               page("OK"),
		"/-/healthy":            page("VictoriaMetrics is Healthy.\n"),
		"/-/ready":              page("VictoriaMetrics is Ready.\n"),
		"/internal/force_flush": page("OK"),
		"/ping":                 func(_ *Server, w http.ResponseWriter, _ *http.Request, _ scope) { w.WriteHeader(http.StatusNoContent) },
		"/metrics":              (*Server).ownMetrics,
	}
}

func page(body string) endpoint {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request, _ scope) {
		w.Header().Set("Content-Type", textType)
		_, _ = w.Write([]byte(body))
	}
}

func root(_ *Server, w http.ResponseWriter, _ *http.Request, _ scope) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<h2>VictoriaMetrics stand-in</h2>\n"))
}

func onlyPost(_ *Server, w http.ResponseWriter, r *http.Request, _ scope) {
	if r.Method != http.MethodPost {
		fail(w, http.StatusMethodNotAllowed, "Only POST method is allowed. Got "+r.Method+".")
		return
	}
	fail(w, http.StatusNotImplemented, "the stand-in does not delete series")
}

// ownMetrics counts the stored series of each tenant.
func (s *Server) ownMetrics(w http.ResponseWriter, r *http.Request, _ scope) {
	w.Header().Set("Content-Type", textType)
	for _, t := range s.store.Tenants() {
		all, err := s.store.Get(t).Series(r.Context(), store.All(), 0, s.opts.Now().UnixMilli())
		if err == nil {
			_, _ = w.Write([]byte(`vm_series{tenant="` + t.String() + `"} ` + number(uint32(len(all))) + "\n"))
		}
	}
}
