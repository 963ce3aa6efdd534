// Package server is the logs service's gRPC face: it turns messages into calls
// of the domain and its results into messages.
package server

import (
	"time"

	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

// Limits of what one call may ask.
type Limits struct {
	// QueryBytes bounds the text of a query.
	QueryBytes int
	// Rows bounds the rows of one query; exports have no such bound.
	Rows int
	// Range bounds the window of a query or export.
	Range time.Duration
	// Concurrent bounds the queries that one tenant runs at one time.
	Concurrent int
	// Timeout is the longest time for one query.
	Timeout time.Duration
}

// Parts are what a server stands on.
type Parts struct {
	// Backend holds the rows.
	Backend *victorialogs.Client
	// Limits of calls.
	Limits Limits
	// Observe takes the time of a query; queryType is "logsql".
	Observe func(queryType, tenant string, took time.Duration)
	// Now is the clock.
	Now func() time.Time
}

// Server implements logsv1.LogsServiceServer.
type Server struct {
	logsv1.UnimplementedLogsServiceServer
	Parts
}

// New returns a server.
func New(p Parts) *Server { return &Server{Parts: p} }
