// Package server is the logs service's gRPC face: it turns messages into calls
// of the domain and its results into messages.
package server

import (
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// Server implements logsv1.LogsServiceServer.
type Server struct {
	logsv1.UnimplementedLogsServiceServer
}

// New returns a server.
func New() *Server { return &Server{} }
