package server

import (
	"context"

	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/execution"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
)

const success = "success"

// Validate implements queryv1.QueryServiceServer.
func (s *Server) Validate(ctx context.Context, in *queryv1.TextRequest) (*queryv1.ValidateResponse, error) {
	wrong, err := s.run.Verdict(ctx, execution.Call{In: body}, in.GetQuery())
	if err != nil {
		return nil, err
	}
	verdict := &queryv1.Validation{Valid: wrong == nil}
	if wrong != nil {
		verdict.Error = &queryv1.ParseError{Message: wrong.Message, Position: position(wrong.Position)}
	}
	return &queryv1.ValidateResponse{Status: success, Data: verdict}, nil
}

func position(p *metricsql.Position) *queryv1.Position {
	if p == nil {
		return nil
	}
	return &queryv1.Position{Offset: uint32(p.Offset), Line: uint32(p.Line), Column: uint32(p.Column)}
}

// Format implements queryv1.QueryServiceServer.
func (s *Server) Format(ctx context.Context, in *queryv1.TextRequest) (*queryv1.FormatResponse, error) {
	text, err := s.run.Format(ctx, execution.Call{In: body}, in.GetQuery())
	if err != nil {
		return nil, err
	}
	return &queryv1.FormatResponse{Status: success, Data: text}, nil
}

// Explain implements queryv1.QueryServiceServer.
func (s *Server) Explain(ctx context.Context, in *queryv1.ExplainRequest) (*queryv1.ExplainResponse, error) {
	e, err := s.run.Explain(ctx, execution.Call{In: body}, execution.Range{
		Query: in.GetQuery(), Start: in.GetStart(), End: in.GetEnd(), Step: in.GetStep()})
	if err != nil {
		return nil, err
	}
	out := &queryv1.Explanation{
		Canonical: e.Query.Canonical(), Functions: e.Query.Functions(), PointsPerSeries: e.Points,
		MaxPointsPerSeries: float64(e.MaxPoints), Allowed: e.Refusal == nil,
	}
	for _, sel := range e.Query.Selectors() {
		out.Selectors = append(out.Selectors, &queryv1.Selector{
			Text: sel.Text, Metric: sel.Metric, Labels: sel.Labels, Window: sel.Window, Offset: sel.Offset})
	}
	if e.Refusal != nil {
		out.Refusal = e.Refusal.Detail
		out.SuggestedStep, _ = e.Refusal.Extra["suggested_step"].(string)
	}
	return &queryv1.ExplainResponse{Status: success, Data: out}, nil
}
