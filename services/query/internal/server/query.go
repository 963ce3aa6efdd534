package server

import (
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/execution"
)

// Instant implements queryv1.QueryServiceServer.
func (s *Server) Instant(in *queryv1.InstantRequest, to stream) error {
	c := call(to, body)
	c.NoCache, c.Timeout = in.GetNoCache(), in.GetTimeout()
	return s.run.Instant(to.Context(), c, execution.Instant{
		Query: in.GetQuery(), Time: in.GetTime(), Step: in.GetStep(), Definitions: wanted(in.GetDefinitions())})
}

// Range implements queryv1.QueryServiceServer.
func (s *Server) Range(in *queryv1.RangeRequest, to stream) error {
	c := call(to, body)
	c.NoCache, c.Timeout = in.GetNoCache(), in.GetTimeout()
	return s.run.Range(to.Context(), c, execution.Range{
		Query: in.GetQuery(), Start: in.GetStart(), End: in.GetEnd(), Step: in.GetStep(), Definitions: wanted(in.GetDefinitions())})
}

// Series implements queryv1.QueryServiceServer.
func (s *Server) Series(in *queryv1.SelectRequest, to stream) error {
	return s.run.Series(to.Context(), call(to, param), selection(in))
}

// Labels implements queryv1.QueryServiceServer.
func (s *Server) Labels(in *queryv1.SelectRequest, to stream) error {
	return s.run.Labels(to.Context(), call(to, param), selection(in))
}

// LabelValues implements queryv1.QueryServiceServer.
func (s *Server) LabelValues(in *queryv1.LabelValuesRequest, to stream) error {
	return s.run.LabelValues(to.Context(), call(to, param), in.GetLabel(), selection(in.GetSelect()))
}

// MetricNames implements queryv1.QueryServiceServer.
func (s *Server) MetricNames(in *queryv1.SelectRequest, to stream) error {
	return s.run.MetricNames(to.Context(), call(to, param), selection(in))
}

// Metadata implements queryv1.QueryServiceServer.
func (s *Server) Metadata(in *queryv1.MetadataRequest, to stream) error {
	return s.run.Metadata(to.Context(), call(to, param), in.GetMetric(), in.GetLimit())
}

// ServiceMetrics implements queryv1.QueryServiceServer.
func (s *Server) ServiceMetrics(in *queryv1.ServiceMetricsRequest, to stream) error {
	return s.run.ServiceMetrics(to.Context(), call(to, param), in.GetService(),
		execution.Select{Start: in.GetStart(), End: in.GetEnd(), Limit: in.GetLimit()})
}

func selection(in *queryv1.SelectRequest) execution.Select {
	return execution.Select{Match: in.GetMatch(), Start: in.GetStart(), End: in.GetEnd(), Limit: in.GetLimit()}
}
