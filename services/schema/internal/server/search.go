package server

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// SearchDefinitions ranks definitions by how well they fit a question.
func (s *Server) SearchDefinitions(ctx context.Context, req *schemav1.SearchDefinitionsRequest) (*schemav1.SearchDefinitionsResponse, error) {
	hits, err := s.registry.Search(ctx, definition.Query{Text: req.GetQ(), Kinds: kindsOf(req.GetKinds()), Limit: int(req.GetLimit())}, minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	out := &schemav1.SearchDefinitionsResponse{}
	for _, h := range hits {
		r, err := encodeHit(tenantOf(ctx), h)
		if err != nil {
			return nil, err
		}
		out.Results = append(out.Results, r)
	}
	return out, nil
}

// kindsOf reads kinds that stand alone or between commas.
func kindsOf(texts []string) []definition.Kind {
	var out []definition.Kind
	for _, text := range texts {
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word != "" {
				out = append(out, definition.Kind(word))
			}
		}
	}
	return out
}

func encodeHit(tenant string, h definition.Hit) (*schemav1.SearchResult, error) {
	out := &schemav1.SearchResult{Kind: string(h.Kind), Name: h.Name, Score: h.Score}
	if h.Kind.HasParent() {
		out.Parent = proto.String(h.Parent)
	}
	var err error
	out.Definition, err = object(tenant, h.Definition)
	return out, err
}
