package weaviate

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// pair is a definition and a question that means it; see package ranking.
type pair struct {
	Name, Kind, Text, Question string
	Tags                       []string
	Shared                     bool
}

func pairs(t *testing.T) (list []pair) {
	t.Helper()
	data, err := os.ReadFile("../ranking/testdata/pairs.json")
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	return list
}

// Weaviate must find what the index of package ranking finds, give or take one.
func TestRecall(t *testing.T) {
	s, _ := begin(t, configOf(server(t)), eventstest.Start(t))
	ready(t, s)
	tenant := newPrefix()
	for _, p := range pairs(t) {
		c := definition.Change{Key: definition.Key{Kind: definition.Metric, Name: p.Name},
			Content: definition.Content{Description: p.Text, Tags: p.Tags}}
		if _, err := s.Apply(t.Context(), definition.Batch{Tenant: tenant, Changes: []definition.Change{c}}); err != nil {
			t.Fatal(err)
		}
	}
	recall := map[bool]int{}
	for _, p := range pairs(t) {
		hits, err := s.Search(t.Context(), definition.View{Tenant: tenant}, definition.Query{Text: p.Question, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(hits, func(h definition.Hit) bool { return h.Name == p.Name }) {
			recall[p.Shared]++
		} else {
			t.Logf("%q does not find %s", p.Question, p.Name)
		}
	}
	t.Logf("recall@5 is %d of 20 with a common word, %d of 20 without", recall[true], recall[false])
	if recall[true] < 19 || recall[false] < 18 {
		t.Errorf("recall@5 is %v", recall)
	}
}
