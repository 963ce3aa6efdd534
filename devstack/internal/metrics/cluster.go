package metrics

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// dispatchCluster answers /select and /insert paths; false means that path is
// none, or none that a cluster knows.
func (s *Server) dispatchCluster(t tables, w http.ResponseWriter, r *http.Request, path string) bool {
	if path == "/admin/tenants" {
		s.adminTenants(w, r)
		return true
	}
	prefix, rest, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || !strings.HasPrefix(path, "/") || prefix != "select" && prefix != "insert" {
		return false
	}
	at, rest, err := tenantOf(rest, r.Header)
	if err != nil {
		fail(w, http.StatusBadRequest, "auth error: "+err.Error())
		return true
	}
	found := clusterEndpoint(t, prefix, rest)
	if found == nil {
		return false
	}
	found(s, w, r, at)
	return true
}

func clusterEndpoint(t tables, prefix, rest string) endpoint {
	short, below := strings.CutPrefix(rest, "prometheus/")
	switch {
	case prefix == "insert" && !below:
		return t.bare[rest]
	case prefix == "insert":
		return t.write[short]
	case !below:
		return nil
	case t.read[short] != nil:
		return t.read[short]
	}
	return labelValues(short)
}

// tenantOf reads the tenant in front of rest, or from the headers when the
// path has none.
func tenantOf(rest string, h http.Header) (scope, string, error) {
	token, tail, _ := strings.Cut(rest, "/")
	if token == "multitenant" {
		return scope{every: true, cluster: true}, tail, nil
	}
	if !strings.Contains(token, ":") {
		if _, err := strconv.ParseUint(token, 10, 32); err != nil {
			token, tail = headerToken(h), rest
		}
	}
	t, err := parseTenant(token)
	return scope{tenant: t, cluster: true}, tail, err
}

func headerToken(h http.Header) string {
	account, project := h.Get("AccountID"), h.Get("ProjectID")
	if account == "" {
		account = "0"
	}
	if project == "" {
		project = "0"
	}
	return account + ":" + project
}

func parseTenant(token string) (store.Tenant, error) {
	parts := strings.Split(token, ":")
	if len(parts) > 2 {
		return store.Tenant{}, fmt.Errorf("cannot parse authToken %q: unexpected number of items in authToken %q; got %d; want 1 or 2", token, token, len(parts))
	}
	var ids [2]uint64
	for i, part := range parts {
		id, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return store.Tenant{}, fmt.Errorf("cannot parse authToken %q: cannot parse %s from %q: %w", token, [2]string{"accountID", "projectID"}[i], part, err)
		}
		ids[i] = id
	}
	return store.Tenant{Account: uint32(ids[0]), Project: uint32(ids[1])}, nil
}

// adminTenants lists the tenants that have data in the given window.
func (s *Server) adminTenants(w http.ResponseWriter, r *http.Request) {
	a := s.args(r)
	from, to := a.time("start", 0), a.time("end", s.opts.Now().UnixMilli())
	if a.err != nil {
		fail(w, http.StatusBadRequest, a.err.Error())
		return
	}
	out := startList(false, nil)
	for _, t := range s.store.Tenants() {
		all, err := s.store.Get(t).Series(r.Context(), store.All(), from, to)
		if err == nil && len(all) > 0 {
			out = appendItem(out, t.String())
		}
	}
	s.sendJSON(w, r, append(out, "]}"...))
}
