package logs

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// texts are the answers of the paths that neither read nor write rows.
var texts = map[string]string{
	"/health":    "OK",
	"/-/healthy": "VictoriaMetrics is Healthy.\n",
	"/-/ready":   "VictoriaMetrics is Ready.\n",
}

// page answers what is no query and no insert.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept-Encoding")
	path := r.URL.Path
	text, known := texts[path]
	switch {
	case known:
		plain(w, http.StatusOK, text)
	case path == "/ping":
		w.WriteHeader(http.StatusNoContent)
	case path == "/internal/force_flush" || path == "/internal/force_merge":
		w.WriteHeader(http.StatusOK)
	case path == "/metrics":
		plain(w, http.StatusOK, fmt.Sprintf("vl_storage_rows{type=\"storage/inmemory\"} %d\n", s.store.Total()))
	default:
		if strings.HasPrefix(path, "/select/") {
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}
		plain(w, http.StatusBadRequest, fmt.Sprintf("unsupported path requested: %q\n", path))
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
