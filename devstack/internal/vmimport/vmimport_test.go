package vmimport

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// backend records what it is sent and refuses paths that refuse names.
type backend struct {
	mu     sync.Mutex
	paths  []string
	bodies []string
	refuse func(path string) (int, string)
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text := "not gzip"
	if z, err := gzip.NewReader(r.Body); err == nil {
		all, _ := io.ReadAll(z)
		text = string(all)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paths = append(b.paths, r.URL.RequestURI())
	b.bodies = append(b.bodies, text)
	if status, why := b.refuse(r.URL.Path); status != 0 {
		http.Error(w, why, status)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func TestWriteFindsTheForm(t *testing.T) {
	isCluster := func(path string) bool { return strings.HasPrefix(path, "/insert/") }
	tests := []struct {
		name   string
		refuse func(path string) (int, string)
		tenant Tenant
		paths  []string
		fails  string
	}{
		{"cluster", func(string) (int, string) { return 0, "" }, Tenant{Account: 1},
			[]string{"/insert/1/prometheus/api/v1/import/prometheus"}, ""},
		{"cluster with project", func(string) (int, string) { return 0, "" }, Tenant{Account: 1, Project: 7},
			[]string{"/insert/1:7/prometheus/api/v1/import/prometheus"}, ""},
		{"single node by 404", func(p string) (int, string) {
			if isCluster(p) {
				return 404, ""
			}
			return 0, ""
		}, Tenant{Account: 2}, []string{"/insert/2/prometheus/api/v1/import/prometheus",
			"/api/v1/import/prometheus?extra_label=vm_account_id%3D2&extra_label=vm_project_id%3D0"}, ""},
		{"single node by its text", func(p string) (int, string) {
			if isCluster(p) {
				return 400, "unsupported path requested: " + p
			}
			return 0, ""
		}, Tenant{Account: 2, Project: 3}, []string{"/insert/2:3/prometheus/api/v1/import/prometheus",
			"/api/v1/import/prometheus?extra_label=vm_account_id%3D2&extra_label=vm_project_id%3D3"}, ""},
		{"refusal is told", func(string) (int, string) { return 503, "no storage" }, Tenant{Account: 1},
			[]string{"/insert/1/prometheus/api/v1/import/prometheus"}, "503: no storage"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := &backend{refuse: tt.refuse}
			server := httptest.NewServer(b)
			defer server.Close()
			c := New(Options{Endpoint: server.URL + "/"})
			defer c.Close()
			err := c.Write(context.Background(), tt.tenant, []byte("up 1 5\n"))
			if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
				t.Fatalf("error %v, want one with %q", err, tt.fails)
			}
			if got := strings.Join(b.paths, " "); got != strings.Join(tt.paths, " ") {
				t.Errorf("requests %s, want %s", got, tt.paths)
			}
			if last := b.bodies[len(b.bodies)-1]; last != "up 1 5\n" {
				t.Errorf("body %q", last)
			}
		})
	}
}

func TestWriteRemembersTheForm(t *testing.T) {
	b := &backend{refuse: func(path string) (int, string) {
		if strings.HasPrefix(path, "/insert/") {
			return 404, ""
		}
		return 0, ""
	}}
	server := httptest.NewServer(b)
	defer server.Close()
	c := New(Options{Endpoint: server.URL})
	defer c.Close()
	for range 3 {
		if err := c.Write(context.Background(), Tenant{Account: 1}, []byte("up 1\n")); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.paths) != 4 {
		t.Errorf("%d requests for three writes, want 4: %v", len(b.paths), b.paths)
	}
}
