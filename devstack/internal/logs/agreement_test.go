package logs

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// scattered is a server with rows of drawn fields over an hour.
func scattered(t *rapid.T) *Server {
	s := New(Options{Now: func() time.Time { return recorded }})
	start := recorded.Add(-2 * time.Hour).UnixNano()
	var rows []store.Row
	for i := range rapid.IntRange(0, 200).Draw(t, "rows") {
		service := rapid.SampledFrom([]string{"cart", "edge", "pay"}).Draw(t, "service")
		fields := []store.Field{{Name: "_msg", Value: rapid.SampledFrom([]string{"all fine", "not fine", "fine cart"}).Draw(t, "msg")}, {Name: "service", Value: service}, {Name: "n", Value: fmt.Sprint(i)}}
		if level := rapid.SampledFrom([]string{"", "info", "error"}).Draw(t, "level"); level != "" {
			fields = append(fields, store.Field{Name: "level", Value: level})
		}
		rows = append(rows, store.Row{Time: start + rapid.Int64Range(0, int64(time.Hour)).Draw(t, "time"), Fields: fields,
			Stream: store.NewStream([]store.Field{{Name: "service", Value: service}})})
	}
	s.Store().Add(store.Tenant{}, rows)
	return s
}

var someFilters = rapid.Custom(func(t *rapid.T) string {
	one := rapid.SampledFrom([]string{"*", "fine", `"not"`, "cart*", "level:error", "level:*", `level:""`, "service:=edge", "service:~a", `{service="pay"}`, "n:>50", "n:range[10,90]", "_time:100m", "!fine", "level:in(info,error)"})
	a, b := one.Draw(t, "a"), one.Draw(t, "b")
	return fmt.Sprintf(rapid.SampledFrom([]string{"%s %s", "%s or %s", "%s !(%s)", "!(%s %s)"}).Draw(t, "form"), a, b)
})

func answer(t *rapid.T, s http.Handler, path, query string, more ...string) string {
	args := url.Values{"query": {query}}
	for i := 0; i < len(more); i += 2 {
		args.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/select/logsql/"+path+"?"+args.Encode(), nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", path, query, w.Code, w.Body)
	}
	return w.Body.String()
}

func rowsOf(t *rapid.T, s http.Handler, query string) []string {
	return strings.Split(strings.TrimSuffix(answer(t, s, "query", query), "\n"), "\n")[:strings.Count(answer(t, s, "query", query), "\n")]
}

func parse[T any](t *rapid.T, text string) (v T) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// TestRoutesAgree asks every route that counts the same thing.
func TestRoutesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scattered(t)
		filter := someFilters.Draw(t, "filter")
		rows := len(rowsOf(t, s, filter))
		if n := parse[map[string]string](t, answer(t, s, "query", filter+" | stats count() n"))["n"]; n != fmt.Sprint(rows) {
			t.Errorf("stats count %s, rows %d", n, rows)
		}
		levels := map[string]int{}
		hits := parse[struct {
			Hits []struct {
				Fields map[string]string
				Values []int
				Total  int
			}
		}](t, answer(t, s, "hits", filter, "step", "5m", "field", "level"))
		sum := 0
		for _, h := range hits.Hits {
			for _, n := range h.Values {
				sum += n
				levels[h.Fields["level"]] += n
			}
		}
		if sum != rows {
			t.Errorf("hits sum up to %d, rows %d", sum, rows)
		}
		checkValues(t, s, filter, levels)
		checkFacets(t, s, filter, levels)
		checkRange(t, s, filter, rows)
	})
}

func checkValues(t *rapid.T, s *Server, filter string, levels map[string]int) {
	list := parse[struct {
		Values []struct {
			Value string
			Hits  int
		}
	}](t, answer(t, s, "field_values", filter, "field", "level"))
	for _, v := range list.Values {
		if v.Hits != levels[v.Value] {
			t.Errorf("field_values: %d rows of level %q, hits say %d", v.Hits, v.Value, levels[v.Value])
		}
	}
	if len(list.Values) != len(levels) {
		t.Errorf("field_values: %d levels, hits say %d", len(list.Values), len(levels))
	}
}

func checkFacets(t *rapid.T, s *Server, filter string, levels map[string]int) {
	facets := parse[struct {
		Facets []struct {
			Name   string `json:"field_name"`
			Values []struct {
				Value string `json:"field_value"`
				Hits  int
			}
		}
	}](t, answer(t, s, "facets", filter, "keep_const_fields", "1"))
	for _, f := range facets.Facets {
		for _, v := range f.Values {
			if f.Name == "level" && v.Hits != levels[v.Value] {
				t.Errorf("facets: %d rows of level %q, hits say %d", v.Hits, v.Value, levels[v.Value])
			}
		}
	}
}

func checkRange(t *rapid.T, s *Server, filter string, rows int) {
	matrix := parse[struct {
		Data struct {
			Result []struct{ Values [][2]any }
		}
	}](t, answer(t, s, "stats_query_range", filter+" | stats by (service) count() n", "step", "7m"))
	sum := 0
	for _, m := range matrix.Data.Result {
		for _, v := range m.Values {
			n := 0
			_, _ = fmt.Sscan(v[1].(string), &n)
			sum += n
		}
	}
	if sum != rows {
		t.Errorf("stats_query_range sums up to %d, rows %d", sum, rows)
	}
}

// TestFiltersAreSets are the laws of and, or and not.
func TestFiltersAreSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scattered(t)
		a, b := someFilters.Draw(t, "a"), someFilters.Draw(t, "b")
		count := func(format string, args ...any) int { return len(rowsOf(t, s, fmt.Sprintf(format, args...))) }
		all, ofA, ofB, both, either := count("*"), count("%s", a), count("%s", b), count("(%s) and (%s)", a, b), count("(%s) or (%s)", a, b)
		if both > min(ofA, ofB) || ofA+ofB != both+either {
			t.Errorf("%d and %d rows: both %d, either %d", ofA, ofB, both, either)
		}
		if not := count("!(%s)", a); not+ofA != all {
			t.Errorf("%d rows, not %d, all %d", ofA, not, all)
		}
		if piped := count("%s | filter %s", a, b); count("(%s) (%s)", a, b) != piped {
			t.Errorf("filter pipe gives %d rows", piped)
		}
	})
}

// TestPagesAreAll goes through the rows page by page.
func TestPagesAreAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scattered(t)
		filter := someFilters.Draw(t, "filter")
		want := rowsOf(t, s, filter+" | sort by (_time desc)")
		size := rapid.IntRange(1, 50).Draw(t, "size")
		var got []string
		for {
			page := rowsOf(t, s, fmt.Sprintf("%s | sort by (_time desc) | offset %d | limit %d", filter, len(got), size))
			got = append(got, page...)
			if len(page) < size {
				break
			}
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%d rows in pages, %d at once", len(got), len(want))
		}
		newest := strings.Split(strings.TrimSuffix(answer(t, s, "query", filter, "limit", fmt.Sprint(size)), "\n"), "\n")
		for i, line := range newest {
			if len(want) > 0 && line != want[min(size, len(want))-1-i] {
				t.Errorf("limit=%d gives row %d as %s", size, i, line)
			}
		}
	})
}
