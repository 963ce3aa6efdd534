package victorialogs

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

// newClient talks to the endpoints over a real pool.
func newClient(t testing.TB, opts upstream.Options, endpoints ...string) *Client {
	t.Helper()
	p, err := upstream.New(t.Context(), upstream.Config{Name: "logs", Endpoints: endpoints, Options: opts},
		upstream.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Run(t.Context())
	}()
	t.Cleanup(func() { <-done })
	return New(p)
}

func options() upstream.Options {
	o := upstream.DefaultOptions()
	o.Timeout = 10 * time.Minute // a huge answer, the race detector, a busy machine
	o.MaxAnswerBytes, o.Prefetch = 1<<40, 0
	return o
}

// serve is a client of a back end that is the handler.
func serve(t testing.TB, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return newClient(t, options(), s.URL)
}

func as(ctx context.Context, account, project uint32, scope string) context.Context {
	return identity.Into(ctx, &identity.Identity{Tenant: "demo", Account: account, Project: project, Scope: scope})
}

// exchange is one recorded request with its answer.
type exchange struct {
	Name    string
	Request struct {
		Method  string
		Path    string
		Query   [][2]string
		Headers map[string]string
	}
	Response struct {
		Status    int
		Headers   map[string]string
		Body      string
		Truncated int               `json:"body_truncated_from_chars"`
		Chunks    []json.RawMessage `json:"chunks_ms_text"`
	}
}

func (e exchange) values() url.Values {
	v := url.Values{}
	for _, pair := range e.Request.Query {
		v.Add(pair[0], pair[1])
	}
	return v
}

// tenant that the recorded headers name.
func (e exchange) tenant() [2]string {
	h := http.Header{}
	for name, value := range e.Request.Headers {
		h.Set(name, value)
	}
	return tenantOf(h)
}

func tenantOf(h http.Header) [2]string {
	out := [2]string{h.Get("AccountID"), h.Get("ProjectID")}
	for i := range out {
		if out[i] == "" {
			out[i] = "0"
		}
	}
	return out
}

// body of the answer; a stream is put together.
func (e exchange) body(t testing.TB) string {
	body := e.Response.Body
	for _, raw := range e.Response.Chunks {
		var at float64
		var text string
		if err := json.Unmarshal(raw, &[]any{&at, &text}); err != nil {
			t.Fatal(err)
		}
		body += text
	}
	return body
}

func load(t testing.TB) []exchange {
	t.Helper()
	files, err := filepath.Glob("../../../../devstack/testdata/golden/victorialogs/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	var list []exchange
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewReader(f); err == nil; {
			var line []byte
			if line, err = lines.ReadBytes('\n'); len(line) > 1 {
				var e exchange
				if err := json.Unmarshal(line, &e); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				e.Name = filepath.Base(name) + "/" + e.Name
				list = append(list, e)
			}
		}
	}
	return list
}

// replay answers the one recorded request, and 418 to anything else, so that
// every deviation of ours shows.
func replay(t testing.TB, current *exchange) *Client {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		want := current.values().Encode()
		if r.Method != current.Request.Method || r.URL.Path != current.Request.Path || r.URL.Query().Encode() != want || tenantOf(r.Header) != current.tenant() {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", current.Response.Headers["Content-Type"])
		w.WriteHeader(current.Response.Status)
		_, _ = io.WriteString(w, current.body(t))
	})
}
