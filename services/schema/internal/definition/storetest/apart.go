package storetest

import (
	"testing"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func tenants(t *testing.T, open Backend) {
	s := open(t)
	list := []string{"acme", "acme-corp", "acme.corp", "acme corp", "ACME", "acme|up", "größe"}
	for _, tenant := range list {
		apply(t, s, tenant, described("up", "of "+tenant))
	}
	for _, tenant := range list {
		if got := get(t, s, tenant, metricKey("up")); got.Description != "of "+tenant || got.Version != 1 {
			t.Errorf("tenant %q reads %+v", tenant, got)
		}
		checkVersions(t, s, tenant, metricKey("up"), 1)
		p, err := s.List(t.Context(), at(tenant), definition.Selection{Kind: definition.Metric, Limit: 100})
		if err != nil || len(p.Definitions) != 1 || p.Definitions[0].Description != "of "+tenant {
			t.Errorf("tenant %q lists %+v, %v", tenant, p, err)
		}
		hits, err := s.Search(t.Context(), at(tenant), definition.Query{Text: "up", Limit: 100})
		if err != nil || len(hits) != 1 || hits[0].Description != "of "+tenant {
			t.Errorf("tenant %q finds %+v, %v", tenant, hits, err)
		}
	}
	checkMissing(t, s, "acm", metricKey("up"))
	checkMissing(t, s, "Acme", metricKey("up"))
}

// freeNames differ in case, punctuation and escapes only, or in part.
var freeNames = []string{
	"http_requests_total", "requests", "http_requests", "total", "HTTP_requests_total", "http.requests.total",
	"http-requests-total", "http requests total", "http:requests:total", "http/requests/total", "a%2Fb", "a/b", "a:b",
	"größe 寸", "grosse 寸", "GRÖSSE 寸", "e\u0301", "\u00e9", "*", ">", "?", "a b", "a  b", "A.b", "\"quoted\"", "back\\slash", "'", "{x}", "-", "|",
	"the", "and",
}

func names(t *testing.T, open Backend) {
	s := open(t)
	var changes []definition.Change
	for _, name := range freeNames[1:] {
		changes = append(changes, described(name, "is "+name))
	}
	apply(t, s, acme, described(freeNames[0], "is "+freeNames[0]))
	checkMissing(t, s, acme, metricKey("requests"))
	checkMissing(t, s, acme, metricKey("total"))
	checkMissing(t, s, acme, metricKey("HTTP_REQUESTS_TOTAL"))
	apply(t, s, acme, changes...)
	for _, name := range freeNames {
		if got := get(t, s, acme, metricKey(name)); got.Description != "is "+name || got.Version != 1 {
			t.Errorf("metric %q reads %+v", name, got)
		}
		f, err := s.Lookup(t.Context(), at(acme), []string{name})
		if err != nil || len(f.Metrics) != 1 || f.Metrics[0].Name != name {
			t.Errorf("metric %q looks up %+v, %v", name, f, err)
		}
	}
	p, err := s.List(t.Context(), at(acme), definition.Selection{Kind: definition.Metric, Limit: 1000})
	if err != nil || len(p.Definitions) != len(freeNames) {
		t.Errorf("%d names listed, %v; want %d", len(p.Definitions), err, len(freeNames))
	}
}

// kindsApart gives one name to a definition of every kind and two parents.
func kindsApart(t *testing.T, open Backend) {
	s := open(t)
	var keys []definition.Key
	for _, k := range definition.Kinds() {
		if !k.HasParent() {
			keys = append(keys, definition.Key{Kind: k, Name: "x"})
			continue
		}
		for _, parent := range []string{"x", "y", "x/x"} {
			keys = append(keys, definition.Key{Kind: k, Parent: parent, Name: "x"})
		}
	}
	keys = append(keys, definition.Key{Kind: definition.Label, Parent: "x", Name: "x/x"})
	text := func(k definition.Key) string { return string(k.Kind) + " " + k.Parent + " " + k.Name }
	for _, k := range keys {
		apply(t, s, acme, definition.Change{Key: k, Content: definition.Content{Tags: []string{text(k)}, Type: text(k)}})
	}
	for _, k := range keys {
		if got := get(t, s, acme, k); got.Type != text(k) || got.Version != 1 {
			t.Errorf("%+v reads %+v", k, got)
		}
		checkVersions(t, s, acme, k, 1)
	}
}
