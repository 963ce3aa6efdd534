package storetest

import (
	"slices"
	"testing"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func found(t *testing.T, s definition.Store, q definition.Query) []string {
	t.Helper()
	hits, err := s.Search(t.Context(), at(acme), q)
	if err != nil || len(hits) > q.Limit {
		t.Fatalf("search %+v: %d hits, %v", q, len(hits), err)
	}
	var names []string
	for i, h := range hits {
		names = append(names, h.Name)
		if h.Score <= 0 || i > 0 && h.Score > hits[i-1].Score || !h.Live() {
			t.Errorf("search %+v: hit %+v after %+v", q, h, hits[max(0, i-1)])
		}
	}
	return names
}

// searchWords looks for the definition that must be among the best three.
func searchWords(t *testing.T, open Backend) {
	s := open(t)
	for _, changes := range byLog([]definition.Change{
		{Key: metricKey("http_requests_total"), Content: definition.Content{Description: "Requests that were answered.", Tags: []string{"edge"}}},
		{Key: metricKey("http_errors_total"), Content: definition.Content{Description: "Answers with status 500 and above.", Tags: []string{"edge"}}},
		{Key: metricKey("jvmHeapUsed"), Content: definition.Content{Description: "Memory in use."}},
		{Key: definition.Key{Kind: definition.Label, Parent: "http_requests_total", Name: "zone"}, Content: definition.Content{Description: "Where it runs."}},
		{Key: definition.Key{Kind: definition.LogField, Name: "trace.id"}, Content: definition.Content{Description: "Names the journey of a call."}},
		{Key: definition.Key{Kind: definition.Service, Name: "checkout"}, Content: definition.Content{Purpose: "Takes the money of shoppers.", Tags: []string{"tier=gold"}}},
		{Key: definition.Key{Kind: definition.Operation, Parent: "checkout", Name: "POST /cart"}, Content: definition.Content{Purpose: "Puts goods into the basket."}},
	}) {
		apply(t, s, acme, changes...)
	}
	for _, tt := range []struct{ text, want string }{
		{"http_requests_total", "http_requests_total"}, {"requests", "http_requests_total"}, {"REQUEST", "http_requests_total"},
		{"how many requests fail?", "http_errors_total"}, {"heap", "jvmHeapUsed"}, {"jvm heap used", "jvmHeapUsed"}, {"zone", "zone"},
		{"journey", "trace.id"}, {"shopper money", "checkout"}, {"gold", "checkout"}, {"goods basket", "POST /cart"},
	} {
		got := found(t, s, definition.Query{Text: tt.text, Limit: 3})
		if !slices.Contains(got, tt.want) {
			t.Errorf("%q finds %v, want %s", tt.text, got, tt.want)
		}
	}
	if got := found(t, s, definition.Query{Text: "edge", Limit: 5}); len(got) != 2 {
		t.Errorf("a tag finds %v", got)
	}
	if got := found(t, s, definition.Query{Text: "edge", Limit: 1}); len(got) != 1 {
		t.Errorf("limit 1 finds %v", got)
	}
	if got := found(t, s, definition.Query{Text: "checkout cart requests", Kinds: []definition.Kind{definition.Operation}, Limit: 5}); !slices.Equal(got, []string{"POST /cart"}) {
		t.Errorf("operations only: %v", got)
	}
	for _, text := range []string{"zzzz", "?", "\"", "the of"} {
		if got := found(t, s, definition.Query{Text: text, Limit: 5}); len(got) != 0 {
			t.Errorf("%q finds %v", text, got)
		}
	}
}

// searchFollows changes what was found before.
func searchFollows(t *testing.T, open Backend) {
	s := open(t)
	apply(t, s, acme, described("a", "apples"), described("b", "pears"))
	query := definition.Query{Text: "apples", Limit: 5}
	for _, step := range []struct {
		change definition.Change
		want   []string
	}{
		{described("a", "apples again"), []string{"a"}},
		{described("a", "cherries"), nil},
		{described("b", "apples"), []string{"b"}},
		{definition.Change{Key: metricKey("b"), Delete: true}, nil},
		{described("c", "apples"), []string{"c"}},
		{described("b", "pears"), []string{"c"}},
	} {
		apply(t, s, acme, step.change)
		if got := found(t, s, query); !slices.Equal(got, step.want) {
			t.Errorf("after %+v: found %v, want %v", step.change, got, step.want)
		}
	}
}
