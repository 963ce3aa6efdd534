package weaviate

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-openapi/strfmt"
	"github.com/weaviate/weaviate/entities/models"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// The ids must never change: objects are found by them. They were computed
// with another program.
func TestIDs(t *testing.T) {
	metric := definition.Key{Kind: definition.Metric, Name: "http_requests_total"}
	label := definition.Key{Kind: definition.Label, Parent: "http_requests_total", Name: "job"}
	operation := definition.Key{Kind: definition.Operation, Parent: "checkout", Name: "POST /größe/{id}"}
	for _, tt := range []struct{ got, want string }{
		{headID("acme", metric), "398d1e0a-9fb7-5896-8561-86d9a5a81dc2"},
		{versionID("acme", metric, 3), "090198ba-a874-5e48-9cbb-64b5592ff74d"},
		{headID("acme", label), "d4412e6b-2b69-5d64-ae07-25d732691d43"},
		{versionID("acme", label, 12), "744e0cd9-1517-5113-9c2d-4b6cdae62bfd"},
		{headID("acme", definition.Key{Kind: definition.LogField, Name: "http.status"}), "5c4b7db2-1ed4-5966-9e54-96c94a3d38d6"},
		{headID("acme", definition.Key{Kind: definition.Service, Name: "checkout"}), "19cc2987-5763-5125-bec1-780599dfcb39"},
		{headID("acme-corp", operation), "b0219104-19ae-5aab-9e45-ca7b17c20b1f"},
		{versionID("acme-corp", operation, 1), "30281015-f1bb-5025-a244-f2b46b0c99b0"},
	} {
		if tt.got != tt.want {
			t.Errorf("id %s, want %s", tt.got, tt.want)
		}
	}
}

func TestIDsOfAwkwardKeysAreApart(t *testing.T) {
	seen := map[string]string{}
	parts := []string{"a", "b", "a|b", `a\`, `a\|b`, "|", "b|", `|b\`, `\|`}
	for _, tenant := range parts {
		for _, parent := range parts {
			for _, name := range parts {
				text := tenant + " " + parent + " " + name
				id := headID(tenant, definition.Key{Kind: definition.Label, Parent: parent, Name: name})
				if other, twice := seen[id]; twice {
					t.Errorf("%q and %q have one id", text, other)
				}
				seen[id] = text
			}
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, text := range []string{"", `"`, `\`, `a"}){x}`, "größe 寸 \U0001F600", "\x00\n\u2028\ufeff\x7f\u0085", "\xff", `\u0022`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := quote(text)
		inner := strings.NewReplacer(`\\`, "", `\"`, "").Replace(got[1 : len(got)-1])
		if strings.ContainsAny(inner, "\"\n\r") || !utf8.ValidString(got) {
			t.Fatalf("%q is quoted as %s", text, got)
		}
		// GraphQL's strings and JSON's have the same escapes.
		var back string
		if err := json.Unmarshal([]byte(got), &back); err != nil || back != strings.ToValidUTF8(text, "\uFFFD") {
			t.Errorf("%q is quoted as %s, which reads %q, %v", text, got, back, err)
		}
	})
}

func FuzzOrder(f *testing.F) {
	f.Add("a", "b", "a", "c")
	f.Add("", "up", "", "up ")
	f.Add("a", "", "a-", "b")
	f.Add("a\x00", "b", "a", "\xffb")
	f.Fuzz(func(t *testing.T, p1, n1, p2, n2 string) {
		a, b := definition.Key{Kind: definition.Label, Parent: p1, Name: n1}, definition.Key{Kind: definition.Label, Parent: p2, Name: n2}
		if got, want := strings.Compare(order(a), order(b)), a.Compare(b); got != want {
			t.Errorf("%q and %q compare %d, want %d", order(a), order(b), got, want)
		}
	})
}

// Texts of callers reach Weaviate as they are, in every place of a question.
func TestTextsAreNotQuestions(t *testing.T) {
	s, _ := begin(t, configOf(server(t)), eventstest.Start(t))
	ready(t, s)
	for _, text := range []string{`"}]}){name}`, `\`, `\"`, "\U0001F600\u0085", "\u2028", "{}", `"""`, "#", "$x"} {
		v := definition.View{Tenant: newPrefix() + text}
		if _, err := s.List(t.Context(), v, definition.Selection{Kind: definition.Label, Parent: text, Prefix: text, Tag: text, Limit: 1}); err != nil {
			t.Errorf("list by %q: %v", text, err)
		}
		if _, err := s.Search(t.Context(), v, definition.Query{Text: "up " + text, Limit: 1}); err != nil {
			t.Errorf("search for %q: %v", text, err)
		}
		if _, err := s.Lookup(t.Context(), v, []string{text}); err != nil {
			t.Errorf("lookup of %q: %v", text, err)
		}
		if _, err := s.Versions(t.Context(), v, definition.Key{Kind: definition.Label, Parent: text, Name: text}); err != nil {
			t.Errorf("versions of %q: %v", text, err)
		}
	}
}

// What another program stored in the contract's properties can be read.
func TestObjectsOfAnotherProgram(t *testing.T) {
	s, _ := begin(t, configOf(server(t)), eventstest.Start(t))
	ready(t, s)
	tenant, v := newPrefix(), definition.View{}
	v.Tenant = tenant
	key := definition.Key{Kind: definition.Operation, Parent: "checkout", Name: "POST /cart"}
	content := map[string]any{"tenantId": tenant, "service": "checkout", "name": "POST /cart", "definition": "adds", "purpose": "adds",
		"owner": "shop", "tags": []string{"a=b"}, "updatedAt": "2025-01-02T03:04:05Z"}
	head := map[string]any{"version": 2}
	for k, value := range content {
		head[k] = value
	}
	objects := []*models.Object{
		{Class: "Operation", ID: strfmt.UUID(headID(tenant, key)), Properties: head},
		{Class: "Metric", ID: strfmt.UUID(headID(tenant, up())), Properties: map[string]any{"tenantId": tenant, "name": "up", "definition": "d", "version": 1}},
	}
	for n := 1; n <= 2; n++ {
		objects = append(objects, &models.Object{Class: "OperationVersion", ID: strfmt.UUID(versionID(tenant, key, int64(n))), Properties: map[string]any{
			"tenantId": tenant, "service": "checkout", "name": "POST /cart", "version": n, "author": "bob", "createdAt": "2025-01-02T03:04:05Z", "payload": content}})
	}
	if err := s.client.put(t.Context(), objects); err != nil {
		t.Fatal(err)
	}
	want := definition.Content{Purpose: "adds", Owner: "shop", Tags: []string{"a=b"}}
	if d, err := s.Get(t.Context(), v, key); err != nil || !d.Same(want) || d.Version != 2 || d.UpdatedAt.Year() != 2025 {
		t.Errorf("read %+v, %v", d, err)
	}
	list, err := s.Versions(t.Context(), v, key)
	if err != nil || len(list) != 2 || list[0].Number != 2 || list[1].Author != "bob" || list[1].CreatedAt.Year() != 2025 {
		t.Errorf("history %+v, %v", list, err)
	}
	if p, err := s.Version(t.Context(), v, key, 1); err != nil || !p.Same(want) || p.Author != "bob" {
		t.Errorf("version %+v, %v", p, err)
	}
	if f, err := s.Lookup(t.Context(), v, []string{"up"}); err != nil || len(f.Metrics) != 1 || f.Metrics[0].Description != "d" {
		t.Errorf("lookup %+v, %v", f, err)
	}
}
