package traces

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

const api = "/select/jaeger/api/"

// selects answers Jaeger's query API.
func (s *Server) selects(w http.ResponseWriter, r *http.Request) {
	route, ok := strings.CutPrefix(r.URL.Path, api)
	tenant, err := ingest.Tenant(r.Header)
	id, byID := strings.CutPrefix(route, "traces/")
	service, ofService := strings.CutPrefix(route, "services/")
	service, operations := strings.CutSuffix(service, "/operations")
	switch {
	case err != nil:
		ingest.Fail(w, "incorrect query params: cannot obtain tenanID: %v", err)
	case ok && route == "services":
		sendList(w, r, s.index.services(tenant, s.oldest()))
	case ok && ofService && operations:
		s.operations(w, r, tenant, service)
	case ok && route == "traces":
		s.search(w, r, tenant)
	case ok && byID && id != "":
		s.byID(w, r, tenant, id)
	case ok && route == "dependencies":
		ingest.Fail(w, "/api/dependencies API is not supported yet.")
	default:
		unsupported(w, r.URL.Path)
	}
}

// oldest is the end of spans that are just kept, in unix nanoseconds.
func (s *Server) oldest() int64 { return s.opts.Now().Add(-s.opts.Retention).UnixNano() }

func (s *Server) operations(w http.ResponseWriter, r *http.Request, t store.Tenant, service string) {
	if service == "" {
		ingest.Fail(w, "incorrect query path [%s]", r.URL.Path)
		return
	}
	sendList(w, r, s.index.operations(t, service, s.oldest()))
}

func (s *Server) search(w http.ResponseWriter, r *http.Request, t store.Tenant) {
	q, err := parseSearch(r.URL.Query(), s.opts.Now())
	if err != nil {
		ingest.Fail(w, "incorrect trace query params: %v", err)
		return
	}
	ids := s.find(t, q)
	s.sendTraces(w, r, t, ids, len(ids))
}

// byID says that there is one trace even if there is none, as the real server.
func (s *Server) byID(w http.ResponseWriter, r *http.Request, t store.Tenant, id string) {
	s.sendTraces(w, r, t, []string{id}, 1)
}

func (s *Server) sendTraces(w http.ResponseWriter, r *http.Request, t store.Tenant, ids []string, total int) {
	out, n := newAnswer(w, r), 0
	b := append(make([]byte, 0, 4<<10), `{"data":[`...)
	for _, id := range ids {
		if found := s.load(t, id); found != nil && r.Context().Err() == nil {
			b = found.render(comma(b, n), out.spill)
			n++
		}
	}
	out.close(tail(b, total))
}

func sendList(w http.ResponseWriter, r *http.Request, names []string) {
	b := []byte(`{"data":[`)
	for i, name := range names {
		b = text(comma(b, i), name)
	}
	newAnswer(w, r).close(tail(b, len(names)))
}

func tail(b []byte, total int) []byte {
	b = append(b, `],"errors": null,"limit": 0,"offset": 0,"total":`...)
	return append(strconv.AppendInt(b, int64(total), 10), '}')
}
