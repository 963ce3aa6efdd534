package server

import (
	"strings"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/sample"
)

const (
	csvType = "text/csv; charset=utf-8"
	// piece of a file in one message.
	piece = 64 << 10
)

// BulkSample gives a file to fill in. Its headers come before the first byte.
func (s *Server) BulkSample(req *schemav1.BulkSampleRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	ctx := stream.Context()
	var metrics []string
	for _, list := range req.GetMetrics() {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				metrics = append(metrics, name)
			}
		}
	}
	f, err := s.samples.Make(ctx, sample.Request{Kind: bulk.Kind(req.GetKind()), Metrics: metrics, MinEpoch: minEpoch(ctx)})
	if err != nil {
		return err
	}
	header := metadata.Pairs(rpc.KeyFilename, f.Name)
	header.Append(rpc.KeyWarning, f.Warnings...)
	if err := stream.SendHeader(header); err != nil {
		return err
	}
	for len(f.Data) > 0 {
		n := min(piece, len(f.Data))
		if err := stream.Send(&httpbody.HttpBody{ContentType: csvType, Data: f.Data[:n]}); err != nil {
			return err
		}
		f.Data = f.Data[n:]
	}
	return nil
}
