package server

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// ListVersions gives the history of a definition, newest first.
func (s *Server) ListVersions(ctx context.Context, req *schemav1.VersionsRequest) (*schemav1.VersionsResponse, error) {
	key, err := keyOf(req)
	if err != nil {
		return nil, err
	}
	list, err := s.registry.Versions(ctx, key, minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	out := &schemav1.VersionsResponse{}
	for _, v := range list {
		out.Versions = append(out.Versions, encodeVersion(v))
	}
	return out, nil
}

func encodeVersion(v definition.Version) *schemav1.VersionInfo {
	out := &schemav1.VersionInfo{Version: float64(v.Number), CreatedAt: timestamppb.New(v.CreatedAt), Deleted: set(v.Deleted)}
	if v.Author != "" {
		out.Author = proto.String(v.Author)
	}
	return out
}

// set is absent for false: such a member is only written where it holds.
func set(b bool) *bool {
	if b {
		return &b
	}
	return nil
}

// GetVersion gives one version of a definition and what it said.
func (s *Server) GetVersion(ctx context.Context, req *schemav1.VersionRequest) (*schemav1.Version, error) {
	key, err := keyOf(req)
	if err != nil {
		return nil, err
	}
	past, err := s.registry.Version(ctx, key, req.GetVersion(), minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	out := &schemav1.Version{Version: float64(past.Number), Author: past.Author,
		CreatedAt: timestamppb.New(past.CreatedAt), Deleted: set(past.Deleted)}
	if !past.Deleted {
		out.Payload, err = object(tenantOf(ctx), definition.Definition{Key: key, Content: past.Content, UpdatedAt: past.CreatedAt})
	}
	return out, err
}

// CompareVersions lists what two versions of a definition disagree on.
func (s *Server) CompareVersions(ctx context.Context, req *schemav1.CompareRequest) (*schemav1.CompareResponse, error) {
	key, err := keyOf(req)
	if err != nil {
		return nil, err
	}
	from, to, err := s.registry.Diff(ctx, key, req.GetFrom(), req.GetTo(), minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	out := &schemav1.CompareResponse{From: float64(from.Number), To: float64(to.Number)}
	for _, d := range definition.Diff(key.Kind, from, to) {
		change, err := encodeDifference(d)
		if err != nil {
			return nil, err
		}
		out.Changes = append(out.Changes, change)
	}
	return out, nil
}

func encodeDifference(d definition.Difference) (*schemav1.Difference, error) {
	from, err := structpb.NewValue(d.From)
	if err != nil {
		return nil, fmt.Errorf("encode difference of %s: %w", d.Field, err)
	}
	to, err := structpb.NewValue(d.To)
	if err != nil {
		return nil, fmt.Errorf("encode difference of %s: %w", d.Field, err)
	}
	return &schemav1.Difference{Field: d.Field, From: from, To: to}, nil
}
