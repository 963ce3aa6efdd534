package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
)

// send uploads a file in pieces.
func (s *system) send(ctx context.Context, first *schemav1.BulkChunk, file string, opts ...grpc.CallOption) (*schemav1.BulkResult, error) {
	stream, err := s.client.BulkUpload(ctx, opts...)
	if err != nil {
		return nil, err
	}
	m := first
	for pieces := range slices.Chunk([]byte(file), 1<<20) {
		m.Data = pieces
		if stream.Send(m) != nil {
			break // CloseAndRecv says why
		}
		m = &schemav1.BulkChunk{}
	}
	return stream.CloseAndRecv()
}

func csv(kind string) *schemav1.BulkChunk {
	return &schemav1.BulkChunk{Kind: kind, File: `C:\teams\edge.csv`, ContentType: "text/csv"}
}

// uploaded is the answer as the gateway writes it.
func (s *system) uploaded(t *testing.T, tenant string, first *schemav1.BulkChunk, file string) string {
	t.Helper()
	m, err := s.send(s.writer(t, tenant), first, file)
	return text(t, m, err)
}

func (s *system) ready(t *testing.T) {
	t.Helper()
	s.upsert(t, "warm-up", &schemav1.UpsertMetricRequest{Metric: "up"})
}

func TestBulkUpload(t *testing.T) {
	s := start(t)
	s.ready(t)
	dry, whole := csv("metrics"), csv("metrics")
	dry.DryRun, whole.AllOrNothing = true, true
	metrics := "metric,description,label,label_required\nup,Is up.,job,yes\nup,,instance,\ncpu,=1+1,,\n\"a\nb\",,,\n"
	refused := `"errors":["line 5:metric must not hold control characters"],"rows":[{"line":5,"column":"metric","reason":"must not hold control characters"}],"file":"edge.csv"`
	for _, tt := range []struct {
		name  string
		first *schemav1.BulkChunk
		file  string
		want  string
	}{
		{"dry run", dry, metrics, `{"status":"ok","metrics_upserted":2,"labels_upserted":2,` + refused + `,"dry_run":true}`},
		{"all or nothing", whole, metrics, `invalid_request: rows refused`},
		{"first", csv("metrics"), metrics, `{"status":"ok","metrics_upserted":2,"labels_upserted":2,"changed":4,` + refused + `}`},
		{"again", csv("metrics"), metrics, `{"status":"ok","metrics_upserted":2,"labels_upserted":2,"changed":0,` + refused + `}`},
		{"log fields", csv("logs"), "field,type\nlevel,string\n", `{"status":"ok","fields_upserted":1,"changed":1,"errors":null,"rows":[],"file":"edge.csv"}`},
		{"operation without service", csv("traces_operations"), "service,operation\ncheckout,pay\n",
			`{"status":"ok","operations_upserted":0,"changed":0,"errors":["line 2:service must be a service that is defined"],"rows":[{"line":2,"column":"service","reason":"must be a service that is defined"}],"file":"edge.csv"}`},
		{"services", csv("traces_services"), "service\ncheckout\n", `{"status":"ok","services_upserted":1,"changed":1,"errors":null,"rows":[],"file":"edge.csv"}`},
		{"operation of a service of a moment ago", csv("traces_operations"), "service,operation\ncheckout,pay\n",
			`{"status":"ok","operations_upserted":1,"changed":1,"errors":null,"rows":[],"file":"edge.csv"}`},
		{"unknown kind", csv("labels"), "label\n", `invalid_request: Invalid request`},
		{"another tenant's", csv("logs"), "tenant_id,field\nother,level\n", `tenant_foreign: Access denied: foreign tenant`},
	} {
		if got := s.uploaded(t, "demo", tt.first, tt.file); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
	if _, err := s.send(s.as(t, "demo", "schema.read"), csv("metrics"), metrics); fault.From(err).Code != fault.CodeAccessDenied {
		t.Errorf("a reader uploads: %v", err)
	}
	m, err := s.client.GetMetric(s.writer(t, "demo"), &schemav1.GetMetricRequest{Metric: "cpu"})
	if err != nil || m.GetDescription() != "=1+1" {
		t.Errorf("a formula is stored as %v, %v", m, err)
	}
}

// A file may be larger than a message; one byte too many is refused, and
// nothing of it is stored.
func TestBulkUploadOfManyRows(t *testing.T) {
	s := start(t)
	s.ready(t)
	var b strings.Builder
	b.WriteString("metric,description\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "metric_%05d,%s\n", i, strings.Repeat("x", 480))
	}
	var header metadata.MD
	r, err := s.send(s.writer(t, "demo"), csv("metrics"), b.String(), grpc.Header(&header))
	if err != nil || r.GetMetricsUpserted() != 10_000 || r.GetChanged() != 10_000 || len(header.Get(rpc.KeyEpoch)) != 1 {
		t.Fatalf("%v, %v, %v", r, err, header)
	}
	page, err := s.client.ListMetrics(s.writer(t, "demo"), &schemav1.ListRequest{Prefix: "metric_0999", Limit: 100})
	if err != nil || len(page.GetMetrics()) != 10 {
		t.Errorf("%v, %v", page, err)
	}
	_, err = s.send(s.writer(t, "other"), csv("metrics"), "metric\nup\n"+strings.Repeat("a", 5<<20))
	if f := fault.From(err); f == nil || f.Message != "invalid multipart form or file too large" {
		t.Errorf("too large: %v", err)
	}
	if page, err = s.client.ListMetrics(s.writer(t, "other"), &schemav1.ListRequest{}); err != nil || len(page.GetMetrics()) > 0 {
		t.Errorf("stored %v, %v", page, err)
	}
}

func TestBulkQuota(t *testing.T) {
	s := start(t, "MIRADOR_UPLOADS_BULK_PER_DAY=2", "BULK_UPLOAD_MAX_MIB=1")
	s.ready(t)
	for range 2 {
		if _, err := s.send(s.writer(t, "demo"), csv("logs"), "field\nlevel\n"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.send(s.writer(t, "demo"), csv("logs"), "field\nlevel\n")
	f := fault.From(err)
	if f == nil || f.Kind() != fault.Limited || f.Message != "bulk upload quota exceeded" || f.RetryAfter == 0 || f.Extra["reset"] == nil {
		t.Fatalf("third upload: %v", err)
	}
	l, err := s.client.GetLimits(s.writer(t, "demo"), &schemav1.GetLimitsRequest{})
	if err != nil || l.GetMaxBytes() != 1<<20 || l.GetMaxRows() != 10_000 || l.GetResetsAt() == nil || len(l.GetUploads()) != 4 {
		t.Fatalf("limits %v, %v", l, err)
	}
	if logs := l.GetUploads()[1]; logs.GetKind() != "logs" || logs.GetLeft() != 0 || logs.GetPerDay() != 2 {
		t.Errorf("logs %v", logs)
	}
	if operations := l.GetUploads()[3]; operations.GetLeft() != 2 || operations.GetMaxColumns() != 32 {
		t.Errorf("operations %v", operations)
	}
}

func TestSampleWithoutBackEnds(t *testing.T) {
	s := start(t)
	for _, kind := range []string{"metrics", "logs", "traces_services"} {
		eventstest.Eventually(t, "the sample is refused because nobody can be asked", func() bool {
			stream, err := s.client.BulkSample(s.writer(t, "demo"), &schemav1.BulkSampleRequest{Kind: kind})
			if err == nil {
				_, err = stream.Recv()
			}
			return err != nil && fault.From(err).Code == fault.CodeUnavailable
		})
	}
}
