// Package server is the traces service's gRPC face: it turns messages into calls
// of the domain and its results into messages.
package server

import (
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

// Server implements tracesv1.TracesServiceServer.
type Server struct {
	tracesv1.UnimplementedTracesServiceServer
}

// New returns a server.
func New() *Server { return &Server{} }
