package reading

import (
	"cmp"
	"context"
	"slices"

	"github.com/platformbuilds/mirador-core/services/traces/internal/compare"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criticalpath"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

const (
	// maxSegments of a critical path, and maxOperations of a comparison.
	maxSegments   = 5000
	maxOperations = 5000
)

// Path is the critical path of a trace.
type Path struct {
	criticalpath.Path
	// TraceID of 32 digits.
	TraceID string
	// Tree that the segments' spans are of.
	Tree *trace.Tree
	// Shares of services, the largest first.
	Shares []Share
}

// Share of a service in a path, in microseconds.
type Share struct {
	Service string
	Micros  int64
}

// CriticalPath of one trace.
func (s *Service) CriticalPath(ctx context.Context, traceID string) (Path, error) {
	id, err := trace.ParseID("traceId", traceID)
	if err != nil {
		return Path{}, err
	}
	c, err := s.begin(ctx, failedTrace, s.Limits.Timeout, decodes)
	if err != nil {
		return Path{}, err
	}
	defer c.end()
	tree, _, err := s.tree(c, id)
	if err != nil {
		return Path{}, err
	}
	whole := criticalpath.Of(tree)
	p := Path{Path: whole.Limit(maxSegments), TraceID: id, Tree: tree}
	for service, micros := range whole.Shares(tree) {
		p.Shares = append(p.Shares, Share{service, micros})
	}
	slices.SortFunc(p.Shares, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Micros, a.Micros), cmp.Compare(a.Service, b.Service))
	})
	p.Shares = p.Shares[:min(len(p.Shares), maxOperations)]
	return p, nil
}

// Comparison of two traces.
type Comparison struct {
	// TraceID and OtherID of 32 digits.
	TraceID, OtherID string
	Trace, Other     compare.Summary
	Operations       []compare.Operation
}

// Compare tells what differs between two traces.
func (s *Service) Compare(ctx context.Context, traceID, other string) (Comparison, error) {
	var found Comparison
	var err error
	if found.TraceID, err = trace.ParseID("traceId", traceID); err != nil {
		return Comparison{}, err
	}
	if found.OtherID, err = trace.ParseID("other", other); err != nil {
		return Comparison{}, err
	}
	c, err := s.begin(ctx, failedTrace, s.Limits.Timeout, decodes)
	if err != nil {
		return Comparison{}, err
	}
	defer c.end()
	here, _, err := s.tree(c, found.TraceID)
	if err != nil {
		return Comparison{}, err
	}
	there, _, err := s.tree(c, found.OtherID)
	if err != nil {
		return Comparison{}, err
	}
	found.Trace, found.Other = compare.Summarize(here), compare.Summarize(there)
	found.Operations = compare.Operations(here, there)
	found.Operations = found.Operations[:min(len(found.Operations), maxOperations)]
	return found, nil
}
