// Package server is the logs service's gRPC face: it turns messages into calls
// of the domain and its results into messages.
package server

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/platformbuilds/mirador-core/libs/upstream"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/search"
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
	// Tails bounds the tails that one tenant has open at one time.
	Tails int
	// Timeout is the longest time for one query.
	Timeout time.Duration
}

// Parts are what a server stands on.
type Parts struct {
	// Backend holds the rows.
	Backend *victorialogs.Client
	// Compressed tells that the back end is asked for compressed answers.
	Compressed bool
	// Limits of calls.
	Limits Limits
	// Observe takes the time of a query; queryType is "logsql".
	Observe func(queryType, tenant string, took time.Duration)
	// Now is the clock.
	Now func() time.Time
	// Draining ends when the process is about to: tails end then, and their
	// callers go on at another replica.
	Draining context.Context //nolint:containedctx // the life of the process, not of a call
}

// Server implements logsv1.LogsServiceServer.
type Server struct {
	logsv1.UnimplementedLogsServiceServer
	Parts
	gate   *upstream.Gate
	tails  *upstream.Gate
	search *search.Search
}

// New returns a server.
func New(p Parts) *Server {
	s := &Server{Parts: p, gate: upstream.NewGate(), tails: upstream.NewGate()}
	s.search = search.New(s.span, search.DefaultBounds())
	return s
}

// each hands the rows of a query on, one after the other, and gives the bytes
// that were read.
func (s *Server) each(ctx context.Context, q victorialogs.Query, to func(*row.Row) error) (int64, error) {
	rows, err := s.Backend.Query(ctx, q)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	var r row.Row
	for {
		switch err := rows.Read(&r); {
		case errors.Is(err, io.EOF):
			return rows.Bytes(), nil
		case err != nil:
			return rows.Bytes(), err
		}
		if err := to(&r); err != nil {
			return rows.Bytes(), err
		}
	}
}

// span implements search.Store.
func (s *Server) span(ctx context.Context, p search.Span, each func(*row.Row) error) error {
	_, err := s.each(ctx, victorialogs.Query{Text: p.Query, Start: p.Window.Start, End: p.Window.End, Exact: true, Limit: p.Limit}, each)
	return err
}
