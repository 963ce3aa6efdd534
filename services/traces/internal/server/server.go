// Package server is the traces service's gRPC face: it turns messages into calls
// of the reading and its results into messages.
package server

import (
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/reading"
)

// Server implements tracesv1.TracesServiceServer.
type Server struct {
	tracesv1.UnimplementedTracesServiceServer
	read *reading.Service
}

// New returns a server on top of the service.
func New(read *reading.Service) *Server { return &Server{read: read} }

// stream is the answering side of every method that relays bytes.
type stream = grpc.ServerStreamingServer[httpbody.HttpBody]

// body marks members of a JSON body in faults, param parameters.
const (
	body  = "/"
	param = ""
)

// Trace implements tracesv1.TracesServiceServer.
func (s *Server) Trace(in *tracesv1.TraceRequest, to stream) error {
	return s.read.Trace(to.Context(), to, in.GetTraceId(), true)
}

// Services implements tracesv1.TracesServiceServer.
func (s *Server) Services(_ *tracesv1.ServicesRequest, to stream) error {
	return s.read.Services(to.Context(), to)
}

// Operations implements tracesv1.TracesServiceServer.
func (s *Server) Operations(in *tracesv1.OperationsRequest, to stream) error {
	return s.read.Operations(to.Context(), to, in.GetService())
}

// Search implements tracesv1.TracesServiceServer.
func (s *Server) Search(in *tracesv1.SearchRequest, to stream) error {
	return s.read.Search(to.Context(), to, query(in))
}

// ServiceTraces implements tracesv1.TracesServiceServer.
func (s *Server) ServiceTraces(in *tracesv1.ServiceTracesRequest, to stream) error {
	if err := named(in.GetService()); err != nil {
		return err
	}
	return s.read.Search(to.Context(), to, reading.Query{In: param, Search: criteria.Search{
		Service: in.GetService(), Start: in.GetStart(), End: in.GetEnd(), Limit: int(in.GetLimit())}})
}

// FlameGraph implements tracesv1.TracesServiceServer.
func (s *Server) FlameGraph(in *tracesv1.FlameGraphRequest, to stream) error {
	return s.read.FlameGraph(to.Context(), to, in.GetTraceId(), in.GetMode())
}

// FlameGraphSearch implements tracesv1.TracesServiceServer.
func (s *Server) FlameGraphSearch(in *tracesv1.SearchRequest, to stream) error {
	return s.read.FlameGraphSearch(to.Context(), to, query(in), in.GetMode())
}

func query(in *tracesv1.SearchRequest) reading.Query {
	return reading.Query{In: body, Timeout: in.GetTimeout(), Search: criteria.Search{
		Service: in.GetService(), Operation: in.GetOperation(), Tags: in.GetTags(),
		MinDuration: in.GetMinDuration(), MaxDuration: in.GetMaxDuration(),
		Start: in.GetStart(), End: in.GetEnd(), Limit: int(in.GetLimit())}}
}
