package api

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/client"
	"github.com/platformbuilds/mirador-core/e2e/stack"
)

// tenant is one side of the leak test: who asks, and the text that marks its
// data everywhere. Both demo tenants hold the same names.
type tenant struct {
	name   string
	client *client.Client
	marker string
}

// row proves one route. ask sends the request; own must be in the answer, and
// foreign must not. A row without own has nothing of any tenant in its answer:
// then neither marker may be there, and why says so.
type row struct {
	ask func(t *testing.T, me tenant) *client.Answer
	own func(me tenant) string
	why string
}

// TestNoTenantSeesAnother takes every route of the table, finds the caller's
// own marker first and then proves the other tenant's absent, twice: the
// second answer comes from a cache where there is one.
func TestNoTenantSeesAnother(t *testing.T) {
	demo := tenant{"demo", viewer, "demo-marker"}
	foreign := tenant{"other", other, "other-marker"}
	for key, r := range rows() {
		t.Run(strings.ReplaceAll(key, "/", "|"), func(t *testing.T) {
			prove(t, r, demo, foreign)
			prove(t, r, foreign, demo)
		})
	}
}

func prove(t *testing.T, r row, me, them tenant) {
	t.Helper()
	for _, turn := range []string{"uncached", "cached"} {
		a := r.ask(t, me)
		if a.Status >= 400 { // a refusal would prove nothing
			t.Fatalf("%s, %s: status %d: %.300s", me.name, turn, a.Status, a.Body)
		}
		whole := string(a.Body)
		for name, values := range a.Header {
			whole += name + strings.Join(values, ",")
		}
		if strings.Contains(whole, them.marker) {
			t.Fatalf("%s, %s: sees %q: %.600s", me.name, turn, them.marker, a.Body)
		}
		if r.own == nil {
			if strings.Contains(whole, me.marker) {
				t.Errorf("%s: holds the tenant's data though the row says: %s", me.name, r.why)
			}
			continue
		}
		if !strings.Contains(whole, r.own(me)) {
			t.Fatalf("%s, %s: own marker %q is missing, so the row proves nothing: %.600s", me.name, turn, r.own(me), a.Body)
		}
	}
}

// TestEveryRouteHasALeakRow fails when a route was added without a row, or a
// row is left of a route that is gone.
func TestEveryRouteHasALeakRow(t *testing.T) {
	root, err := stack.Root()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(root, "docs", "routes.json"))
	if err != nil {
		t.Fatal(err)
	}
	var table []struct{ Method, Pattern string }
	if err := json.Unmarshal(b, &table); err != nil {
		t.Fatal(err)
	}
	if len(table) < 30 {
		t.Fatalf("the table holds %d routes only", len(table))
	}
	covered := rows()
	known := map[string]bool{}
	for _, route := range table {
		key := route.Method + " " + route.Pattern
		known[key] = true
		if _, ok := covered[key]; !ok {
			t.Errorf("route %q has no row in leak_rows_test.go", key)
		}
	}
	for key := range covered {
		if !known[key] {
			t.Errorf("row %q belongs to no route", key)
		}
	}
}
