package route_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
)

func TestFind(t *testing.T) {
	table := load(t)
	tests := []struct {
		name, method, path string
		pattern            string
		params             string
		err                error
	}{
		{"static", "POST", "/api/v1/query", "/api/v1/query", "", nil},
		{"alias", "GET", "/query", "/query", "", nil},
		{"head is get", "HEAD", "/health", "/health", "", nil},
		{"root", "GET", "/", "/", "", nil},
		{"trailing slash that is listed", "GET", "/swagger/", "/swagger/", "", nil},
		{"parameter", "GET", "/api/v1/label/job/values", "/api/v1/label/{name}/values", "job", nil},
		{"colon in a parameter", "GET", "/api/v1/schema/metrics/job:up:rate5m", "/api/v1/schema/metrics/{metric}", "job:up:rate5m", nil},
		{"name with slash", "GET", "/api/v1/schema/metrics/a%2Fb", "/api/v1/schema/metrics/{metric}", "a/b", nil},
		{"name decoded once", "GET", "/api/v1/schema/metrics/a%252Fb", "/api/v1/schema/metrics/{metric}", "a%2Fb", nil},
		{"two names", "GET", "/api/v1/schema/metrics/a%2Fb/labels/c%25d", "/api/v1/schema/metrics/{metric}/labels/{label}", "a/b,c%d", nil},
		{"unicode", "GET", "/api/v1/schema/metrics/%C3%A9", "/api/v1/schema/metrics/{metric}", "é", nil},
		{"unknown", "GET", "/api/v1/nosuch", "", "", route.ErrUnknown},
		{"prefix of a public path", "GET", "/health/x", "", "", route.ErrUnknown},
		{"public path with a tail", "GET", "/metricsx", "", "", route.ErrUnknown},
		{"trailing slash that is not", "GET", "/api/v1/query/", "", "", route.ErrUnknown},
		{"other case", "GET", "/HEALTH", "", "", route.ErrUnknown},
		{"escaped letter", "GET", "/%68ealth", "", "", route.ErrUnknown},
		{"wrong method", "PUT", "/api/v1/query", "", "", route.ErrMethod},
		{"empty name", "GET", "/api/v1/label//values", "", "", route.ErrPath},
		{"dots", "GET", "/swagger/../api/v1/query", "", "", route.ErrPath},
		{"escaped dots", "GET", "/swagger/%2e%2E/query", "", "", route.ErrPath},
		{"dots inside a name", "GET", "/api/v1/schema/metrics/a%2F..%2Fb", "", "", route.ErrPath},
		{"empty segment", "GET", "//health", "", "", route.ErrPath},
		{"escaped slash elsewhere", "GET", "/api/v1%2Fquery", "", "", route.ErrPath},
		{"escaped slash in a plain parameter", "GET", "/problems/a%2Fb", "", "", route.ErrPath},
		{"escaped percent in a plain parameter", "GET", "/problems/a%25b", "", "", route.ErrPath},
		{"backslash", "GET", `/swagger\index.html`, "", "", route.ErrPath},
		{"escaped backslash", "GET", "/swagger/%5Cindex.html", "", "", route.ErrPath},
		{"NUL", "GET", "/swagger/a%00b", "", "", route.ErrPath},
		{"broken escape", "GET", "/swagger/%zz", "", "", route.ErrPath},
		{"no slash", "GET", "health", "", "", route.ErrPath},
		{"nothing", "GET", "", "", "", route.ErrPath},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := table.Find(tt.method, tt.path)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			var values []string
			for _, p := range m.Params {
				values = append(values, p.Value)
			}
			if m.Row.Pattern != tt.pattern || strings.Join(values, ",") != tt.params {
				t.Errorf("found %s with %v", m.Row.Pattern, values)
			}
		})
	}
}

func TestAllow(t *testing.T) {
	m, err := load(t).Find("DELETE", "/api/v1/query")
	if !errors.Is(err, route.ErrMethod) || !slices.Equal(m.Allow, []string{"GET", "HEAD", "OPTIONS", "POST"}) {
		t.Errorf("allow %v, %v", m.Allow, err)
	}
}

// Whatever the path, a match must be of a row whose pattern it fits when both
// are cut at slashes, and no parameter may hold what only names may hold.
func FuzzFind(f *testing.F) {
	table, err := route.New(append(route.Native(), route.Row{Method: "GET", Pattern: "/s/{metric}/l/{label}", Permission: "p", Cost: 1,
		Effect: route.Read, RPC: "/x", NameParams: []string{"metric"}}))
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"/", "/swagger/a", "/s/a%2Fb/l/c", "/s/%2e%2e/l/x", "//", "/s/a/l/b%2f", "/problems/%5c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		m, err := table.Find("GET", path)
		if err != nil {
			return
		}
		if strings.Count(path, "/") != strings.Count(m.Row.Pattern, "/") {
			t.Errorf("%q matched %s", path, m.Row.Pattern)
		}
		for _, p := range m.Params {
			if strings.ContainsAny(p.Value, "/%") && !slices.Contains(m.Row.NameParams, p.Name) {
				t.Errorf("%q: parameter %s holds %q", path, p.Name, p.Value)
			}
			if strings.ContainsAny(p.Value, "\\\x00") || p.Value == ".." || p.Value == "" {
				t.Errorf("%q: parameter %s holds %q", path, p.Name, p.Value)
			}
		}
	})
}

// A name may be spelled like a fixed path that has other methods.
func TestNamesLikeFixedPaths(t *testing.T) {
	row := func(method, pattern string) route.Row {
		return route.Row{Method: method, Pattern: pattern, Permission: "x.y", Cost: 1, Effect: route.Write, RPC: "/" + method + pattern}
	}
	table, err := route.New([]route.Row{row("POST", "/s/bulk"), row("GET", "/s/{name}"), row("POST", "/s/{name}"), row("DELETE", "/s/{name}")})
	if err != nil {
		t.Fatal(err)
	}
	for method, want := range map[string]string{"POST": "/s/bulk", "GET": "/s/{name}", "HEAD": "/s/{name}", "DELETE": "/s/{name}"} {
		m, err := table.Find(method, "/s/bulk")
		if err != nil || m.Row.Pattern != want || want == "/s/{name}" && m.Param("name") != "bulk" {
			t.Errorf("%s: %+v, %v", method, m, err)
		}
	}
	m, err := table.Find("PUT", "/s/bulk")
	if !errors.Is(err, route.ErrMethod) || !slices.Equal(m.Allow, []string{"DELETE", "GET", "HEAD", "OPTIONS", "POST"}) {
		t.Errorf("PUT: %+v, %v", m, err)
	}
}
