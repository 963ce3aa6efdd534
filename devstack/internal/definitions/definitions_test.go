package definitions

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/shopmetrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// registry answers like the API for one tenant.
type registry struct {
	known map[string]string
	fail  int
}

func (r *registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Header.Get("Authorization") != "Bearer token" {
		http.Error(w, "who?", http.StatusUnauthorized)
		return
	}
	if request.Method == http.MethodGet {
		if _, ok := r.known[strings.TrimPrefix(request.URL.Path, "/api/v1/schema/metrics/")]; !ok {
			http.Error(w, "not found", http.StatusNotFound)
		}
		return
	}
	if r.fail != 0 {
		http.Error(w, "no", r.fail)
		return
	}
	var m Metric
	if err := json.NewDecoder(request.Body).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.known[m.Metric] = m.Description
}

func define(t *testing.T, r *registry, token string, metrics []Metric) (int, error) {
	t.Helper()
	server := httptest.NewServer(r)
	defer server.Close()
	c := NewClient(server.URL, token)
	defer c.Close()
	return c.Define(context.Background(), metrics)
}

func TestDefineWritesWhatIsMissingOnly(t *testing.T) {
	all := Demo(shopmetrics.Mark("demo"))
	r := &registry{known: map[string]string{"up": "somebody's own words"}}
	written, err := define(t, r, "token", all)
	if err != nil || written != len(all)-1 {
		t.Fatalf("%d written (%v), want %d", written, err, len(all)-1)
	}
	if r.known["up"] != "somebody's own words" {
		t.Errorf("a definition was replaced by %q", r.known["up"])
	}
	if again, err := define(t, r, "token", all); err != nil || again != 0 {
		t.Errorf("the second time %d were written (%v), want 0", again, err)
	}
}

func TestDefineTellsRefusals(t *testing.T) {
	tests := []struct {
		name, token, want string
		fail              int
	}{
		{"not let in", "wrong", "401", 0},
		{"write refused", "token", "403", http.StatusForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := define(t, &registry{known: map[string]string{}, fail: tt.fail}, tt.token, Demo(shopmetrics.Mark("demo")))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %s", err, tt.want)
			}
		})
	}
}

func TestTextsNameTheirTenantOnly(t *testing.T) {
	demo, other := shopmetrics.Mark("demo"), shopmetrics.Mark("other")
	text, err := json.Marshal(Demo(demo))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), demo.Marker) || strings.Contains(string(text), other.Marker) {
		t.Errorf("definitions of %s: want its own marker and no other in %s", demo.Name, text)
	}
}
