package weaviate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/ranking"
)

// maxWords of one question are looked at.
const maxWords = 32

// scored is a head with how well it fits.
type scored struct {
	properties
	Additional struct{ Score string } `json:"_additional"`
}

// Search ranks definitions; see definition.Store. Scores are BM25 of Weaviate
// over the words that package ranking finds in texts and in the question.
func (s *Store) Search(ctx context.Context, v definition.View, q definition.Query) ([]definition.Hit, error) {
	if err := s.projector.await(ctx, v.MinEpoch); err != nil {
		return nil, err
	}
	words := expand(q.Text)
	if words == "" {
		return nil, nil
	}
	var parts []string
	asked := map[string]definition.Kind{}
	for _, kind := range definition.Kinds() {
		if len(q.Kinds) > 0 && !slices.Contains(q.Kinds, kind) {
			continue
		}
		asked[classes[kind].head] = kind
		parts = append(parts, fmt.Sprintf(`%s(bm25:{query:%s,properties:["nameWords^3","tagWords^2","words"]},%s,limit:%d%s){%s _additional{score}}`,
			classes[kind].head, quote(words), of(v.Tenant).live(), q.Limit, s.client.level(), s.exactly(kind)))
	}
	var answer map[string][]scored
	if err := s.client.ask(ctx, strings.Join(parts, " "), &answer); err != nil {
		return nil, err
	}
	var hits []definition.Hit
	for class, list := range answer {
		found, err := s.hits(v.Tenant, asked[class], list)
		if err != nil {
			return nil, err
		}
		hits = append(hits, found...)
	}
	slices.SortFunc(hits, func(a, b definition.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), a.Compare(b.Key))
	})
	return hits[:min(q.Limit, len(hits))], nil
}

// expand gives the words of a question and what they may also be called. A
// word that stands twice counts twice: synonyms count half.
func expand(question string) string {
	var words, out []string
	for _, w := range ranking.Words(question) {
		if len(words) < maxWords && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	for _, w := range words {
		out = append(out, w, w)
		for _, other := range ranking.Synonyms(w) {
			if !slices.Contains(words, other) {
				out = append(out, other)
			}
		}
	}
	return strings.Join(out, " ")
}

func (s *Store) hits(tenant string, kind definition.Kind, list []scored) (hits []definition.Hit, err error) {
	seen := map[definition.Key]bool{}
	for _, found := range list {
		score, err := strconv.ParseFloat(found.Additional.Score, 64)
		if err != nil {
			return nil, fmt.Errorf("score of a hit: %w", err)
		}
		one, err := s.definitions([]properties{found.properties}, tenant, kind)
		if err != nil {
			return nil, err
		}
		if len(one) == 1 && one[0].Live() && score > 0 && !seen[one[0].Key] {
			seen[one[0].Key] = true
			hits = append(hits, definition.Hit{Definition: one[0], Score: score})
		}
	}
	return hits, nil
}
