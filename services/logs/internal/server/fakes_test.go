package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// question is one request that the back end got.
type question struct {
	path, query, filter, tenant string
	params                      []string
	values                      map[string][]string
}

// notebook answers by what a question contains, and keeps all questions.
type notebook struct {
	mu        sync.Mutex
	questions []question
	// answers by a part of "path query": the first that fits.
	answers [][2]string
}

func (n *notebook) handler(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	q := question{path: strings.TrimPrefix(r.URL.Path, "/select/logsql/"), query: r.Form.Get("query"), filter: r.Form.Get("extra_stream_filters"),
		tenant: r.Header.Get("AccountID") + ":" + r.Header.Get("ProjectID"), values: r.Form}
	for name := range r.Form {
		q.params = append(q.params, name)
	}
	slices.Sort(q.params)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.questions = append(n.questions, q)
	body := ""
	for _, a := range n.answers {
		if strings.Contains(q.path+" "+q.query, a[0]) {
			body = a[1]
			break
		}
	}
	if refused, ok := strings.CutPrefix(body, "400 "); ok {
		http.Error(w, strings.ReplaceAll(refused, "$", q.query), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/stream+json")
	if strings.HasPrefix(body, "{") && q.path != "query" {
		w.Header().Set("Content-Type", "application/json")
	}
	_, _ = io.WriteString(w, body)
}

func (n *notebook) last() question { return n.questions[len(n.questions)-1] }

// book is a server over a notebook with answers.
func book(t *testing.T, answers ...[2]string) (*Server, *notebook) {
	n := &notebook{answers: answers}
	return onBackend(t, n.handler), n
}

func to(t *testing.T) *bodies { return &bodies{ctx: caller(t.Context())} }

// as is a context of another caller.
func as(ctx context.Context, account, project uint32, scope string) context.Context {
	return identity.Into(ctx, &identity.Identity{Tenant: "other", Account: account, Project: project, Scope: scope, User: "bob"})
}

func (b *bodies) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(b.body.Bytes(), &m); err != nil {
		t.Fatalf("%v: %s", err, b.body.String())
	}
	return m
}

// fails checks the public face of a fault.
func fails(t *testing.T, err error, code fault.Code, message string) *fault.Error {
	t.Helper()
	f := fault.From(err)
	if f == nil || f.Code != code || f.Message != message {
		t.Fatalf("got %v, want %s %q", err, code, message)
	}
	return f
}
