package server

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// scale forgets a body and notes how much memory is in use meanwhile.
type scale struct {
	grpc.ServerStream
	ctx         context.Context
	trailer     metadata.MD
	size, looks int
	most        uint64
}

func (s *scale) Context() context.Context       { return s.ctx }
func (s *scale) SetHeader(metadata.MD) error    { return nil }
func (s *scale) SendHeader(metadata.MD) error   { return nil }
func (s *scale) SetTrailer(trailer metadata.MD) { s.trailer = trailer }

func (s *scale) Send(m *httpbody.HttpBody) error {
	s.size += len(m.Data)
	if s.size >= s.looks<<23 {
		s.looks++
		runtime.GC()
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		s.most = max(s.most, mem.HeapAlloc)
	}
	return nil
}

func TestExportOfAMillionRows(t *testing.T) {
	const rows, block, bound = 1_000_000, 1000, 64 << 20
	page := strings.Repeat(exportLine, block)
	s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		for range rows / block {
			if _, err := io.WriteString(w, page); err != nil {
				return
			}
		}
	})
	to := &scale{ctx: caller(t.Context())}
	if err := s.Export(&logsv1.ExportRequest{Query: "*", Format: "ndjson"}, to); err != nil {
		t.Fatal(err)
	}
	if only(to.trailer, rpc.KeyRows) != "1000000" || to.size != rows*len(exportLine) {
		t.Errorf("%d bytes, trailer %v", to.size, to.trailer)
	}
	if to.most > bound || to.looks < 5 {
		t.Errorf("%d MiB in use, looked %d times", to.most>>20, to.looks)
	}
}
