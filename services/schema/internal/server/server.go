// Package server speaks gRPC for the schema service: it decodes a request,
// calls one operation of the registry and encodes the answer.
package server

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/drift"
	"github.com/platformbuilds/mirador-core/services/schema/internal/sample"
	"github.com/platformbuilds/mirador-core/services/schema/internal/upload"
)

// Server implements the schema service.
type Server struct {
	schemav1.UnimplementedSchemaServiceServer
	registry *definition.Registry
	drift    *drift.Reporter
	uploads  *upload.Uploads
	samples  *sample.Samples
	now      func() time.Time
}

// New returns a server on a registry, on what the back ends have seen, and on
// uploads into the registry.
func New(r *definition.Registry, s drift.Seen, u *upload.Uploads, now func() time.Time) *Server {
	return &Server{registry: r, drift: drift.NewReporter(r, s), uploads: u, samples: sample.New(s, r, u.Limits(), now), now: now}
}

// acknowledge tells the gateway the epoch, so that its next answer includes
// the change, and the client the name of the version.
func acknowledge(ctx context.Context, out definition.Outcome, err error) (*schemav1.UpsertResponse, error) {
	if err != nil {
		return nil, err
	}
	header := metadata.Pairs(rpc.KeyEpoch, strconv.FormatUint(out.Epoch, 10))
	if tag := out.Applied[0].ETag(); tag != "" {
		header.Set(rpc.KeyETag, tag)
	}
	if err := grpc.SetHeader(ctx, header); err != nil {
		return nil, err
	}
	return &schemav1.UpsertResponse{Status: "ok"}, nil
}

// minEpoch that the caller has heard of; what cannot be read is no wish.
func minEpoch(ctx context.Context) uint64 {
	var newest uint64
	for _, text := range metadata.ValueFromIncomingContext(ctx, rpc.KeyEpoch) {
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}

// condition of a write.
func condition(ctx context.Context) definition.Condition {
	var c definition.Condition
	for _, text := range metadata.ValueFromIncomingContext(ctx, rpc.KeyIfMatch) {
		next := definition.ParseCondition(text)
		c.Any, c.Tags = c.Any || next.Any, append(c.Tags, next.Tags...)
	}
	return c
}

// tenantOf the caller, of whom the registry has made sure.
func tenantOf(ctx context.Context) string {
	id, err := identity.Require(ctx)
	if err != nil {
		return ""
	}
	return id.Tenant
}
