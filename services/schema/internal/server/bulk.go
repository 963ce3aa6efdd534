package server

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/upload"
)

// BulkUpload stores a CSV file. It is received only when there is room for it.
func (s *Server) BulkUpload(stream grpc.ClientStreamingServer[schemav1.BulkChunk, schemav1.BulkResult]) error {
	ctx := stream.Context()
	leave, err := s.uploads.Enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	first, data, err := receive(stream, s.uploads.Limits().Bytes)
	if err != nil {
		return err
	}
	kind := bulk.Kind(first.GetKind())
	r, err := s.uploads.Upload(ctx, upload.Request{Kind: kind, ContentType: first.GetContentType(), Data: data,
		DryRun: first.GetDryRun(), AllOrNothing: first.GetAllOrNothing()})
	if err != nil {
		return err
	}
	if r.Epoch > 0 {
		if err := grpc.SetHeader(ctx, metadata.Pairs(rpc.KeyEpoch, strconv.FormatUint(r.Epoch, 10))); err != nil {
			return err
		}
	}
	out := result(r)
	out.File = baseName(first.GetFile())
	if out.DryRun = set(first.GetDryRun()); out.DryRun == nil {
		out.Changed = count(r.Changed)
	}
	return stream.SendAndClose(out)
}

// receive collects a file and stops reading one that is too large: one byte
// too many is enough to refuse it.
func receive(stream grpc.ClientStreamingServer[schemav1.BulkChunk, schemav1.BulkResult], most int) (first *schemav1.BulkChunk, data []byte, err error) {
	for {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && first == nil:
			return nil, nil, fault.New(fault.CodeInvalidRequest, "file is required")
		case errors.Is(err, io.EOF):
			return first, data, nil
		case stream.Context().Err() != nil:
			return nil, nil, stream.Context().Err()
		case err != nil:
			return nil, nil, fault.New(fault.CodeInvalidRequest, "failed to read file").Wrap(err)
		}
		if first == nil {
			first = m
		}
		if data = append(data, m.GetData()...); len(data) > most {
			return first, data[:most+1], nil
		}
	}
}

// result has the counts of the file's kind and no others.
func result(r upload.Result) *schemav1.BulkResult {
	out := &schemav1.BulkResult{Status: "ok"}
	upserted := count(r.Plan.Count(r.Plan.Kind.Defines()))
	switch r.Plan.Kind {
	case bulk.Metrics:
		out.MetricsUpserted, out.LabelsUpserted = upserted, count(r.Plan.Count(definition.Label))
	case bulk.LogFields:
		out.FieldsUpserted = upserted
	case bulk.Services:
		out.ServicesUpserted = upserted
	case bulk.Operations:
		out.OperationsUpserted = upserted
	}
	for _, row := range r.Plan.Refused {
		if out.Errors == nil {
			out.Errors = &structpb.ListValue{}
		}
		out.Errors.Values = append(out.Errors.Values, structpb.NewStringValue(row.String()))
		out.Rows = append(out.Rows, &schemav1.BulkRow{Line: number(row.Line), Column: row.Column, Reason: row.Reason})
	}
	return out
}

// number of rows or lines, which a file bounds.
func number(n int) uint32 { return uint32(n) } //nolint:gosec // at most the bytes of a file

func count(n int) *uint32 { return proto.Uint32(number(n)) }

// baseName is the name of a file without folders: it is only shown.
func baseName(name string) string {
	const most = 255
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || definition.Reverses(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	return strings.ToValidUTF8(name[:min(most, len(name))], "")
}

// GetLimits tells how large files may be, and how many are left today.
func (s *Server) GetLimits(ctx context.Context, _ *schemav1.GetLimitsRequest) (*schemav1.GetLimitsResponse, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, err
	}
	quota := s.uploads.Quota()
	out := &schemav1.GetLimitsResponse{MaxBytes: float64(s.uploads.Limits().Bytes), MaxRows: bulk.MaxRows, MaxCellBytes: bulk.MaxCell,
		ResetsAt: timestamppb.New(quota.Resets())}
	for _, kind := range bulk.Kinds() {
		out.Uploads = append(out.Uploads, &schemav1.UploadQuota{Kind: string(kind), MaxColumns: number(kind.MaxColumns()),
			PerDay: number(quota.PerDay()), Left: number(quota.Left(ctx, kind, id.Tenant))})
	}
	return out, nil
}
