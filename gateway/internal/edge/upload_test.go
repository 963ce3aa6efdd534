package edge_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
)

// BulkUpload notes the file and answers with its first line as an error.
func (f *fakeSchema) BulkUpload(s grpc.ClientStreamingServer[schemav1.BulkChunk, schemav1.BulkResult]) error {
	var first *schemav1.BulkChunk
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if first == nil {
			first = m
			continue
		}
		first.Data = append(first.Data, m.GetData()...)
	}
	f.mu.Lock()
	f.file = first
	f.mu.Unlock()
	if string(first.GetData()) == "refuse" {
		return fault.New(fault.CodeInvalidRequest, "empty csv")
	}
	if err := s.SetHeader(metadata.Pairs(rpc.KeyEpoch, "43")); err != nil {
		return err
	}
	return s.SendAndClose(&schemav1.BulkResult{Status: "ok", MetricsUpserted: proto.Uint32(1), LabelsUpserted: proto.Uint32(0), File: first.GetFile()})
}

// BulkSample answers with what it was asked.
func (f *fakeSchema) BulkSample(r *schemav1.BulkSampleRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	if err := s.SendHeader(metadata.Pairs(rpc.KeyFilename, "a_sample.csv", rpc.KeyWarning, "1 names are left out")); err != nil {
		return err
	}
	for _, text := range []string{r.GetKind() + "\n", strings.Join(r.GetMetrics(), "|") + "\n"} {
		if err := s.Send(&httpbody.HttpBody{ContentType: "text/csv; charset=utf-8", Data: []byte(text)}); err != nil {
			return err
		}
	}
	return nil
}

func (f *fakeSchema) upload() *schemav1.BulkChunk {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file
}

const asMultipart = "Content-Type: multipart/form-data; boundary=X"

func multipartOf(text string) string {
	return "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"edge.csv\"\r\nContent-Type: text/csv\r\n\r\n" + text + "\r\n--X--\r\n"
}

func TestUpload(t *testing.T) {
	w := begin(t)
	large := strings.Repeat("a", 5<<20)
	a := w.do(t, "POST", "/api/v1/schema/metrics/bulk?dry_run=true", multipartOf(large), editor, asMultipart)
	want := `{"status":"ok","metrics_upserted":1,"labels_upserted":0,"errors":null,"rows":[],"file":"edge.csv"}`
	if a.StatusCode != http.StatusOK || string(a.body) != want {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	got := w.schema.upload()
	if string(got.GetData()) != large || got.GetKind() != "metrics" || got.GetContentType() != "text/csv" || !got.GetDryRun() || got.GetAllOrNothing() {
		t.Errorf("sent %d bytes, %s, %s, %t, %t", len(got.GetData()), got.GetKind(), got.GetContentType(), got.GetDryRun(), got.GetAllOrNothing())
	}
	if w.epochs.Epoch("demo") != 43 {
		t.Error("the epoch of the upload was not noted")
	}
	for path, kind := range map[string]string{"logs/fields": "logs", "traces/services": "traces_services", "traces/operations": "traces_operations"} {
		a := w.do(t, "POST", "/api/v1/schema/"+path+"/bulk?all_or_nothing=1", multipartOf(""), editor, asMultipart)
		if got := w.schema.upload(); a.StatusCode != http.StatusOK || got.GetKind() != kind || !got.GetAllOrNothing() || len(got.GetData()) > 0 {
			t.Errorf("%s: %d %s, %v", path, a.StatusCode, a.body, got)
		}
	}
}

func TestUploadRefused(t *testing.T) {
	w := begin(t)
	const path, broken = "/api/v1/schema/metrics/bulk", "invalid multipart form or file too large"
	foreign := strings.Replace(multipartOf("a"), "--X\r\n", "--X\r\nContent-Disposition: form-data; name=\"tenantId\"\r\n\r\nother\r\n--X\r\n", 1)
	tests := []struct {
		name, path, body string
		headers          []string
		status           int
		code             fault.Code
		message          string
	}{
		{"refused by the service", path, multipartOf("refuse"), []string{editor, asMultipart}, 400, fault.CodeInvalidRequest, "empty csv"},
		{"JSON", path, `{"metric":"up"}`, []string{editor, asJSON}, 400, fault.CodeInvalidRequest, broken},
		{"no body", path, "", []string{editor, asMultipart}, 400, fault.CodeInvalidRequest, broken},
		{"no file", path, "--X--\r\n", []string{editor, asMultipart}, 400, fault.CodeInvalidRequest, "file is required"},
		{"file one byte too large", path, multipartOf(strings.Repeat("a", 5<<20+1)), []string{editor, asMultipart}, 400, fault.CodeInvalidRequest, broken},
		{"body too large to be read", path, multipartOf(strings.Repeat("a", 6<<20)), []string{editor, asMultipart}, 400, fault.CodeInvalidRequest, broken},
		{"too large, reader", path, multipartOf(strings.Repeat("a", 6<<20)), []string{viewer, asMultipart}, 403, fault.CodeAccessDenied, ""},
		{"too large, nobody", path, multipartOf(strings.Repeat("a", 2<<20)), []string{asMultipart}, 401, fault.CodeAuthRequired, ""},
		{"reader", path, multipartOf("a"), []string{viewer, asMultipart}, 403, fault.CodeAccessDenied, ""},
		{"tenant in a field", path, foreign, []string{editor, asMultipart}, 403, fault.CodeTenantForeign, ""},
		{"tenant in the query", path + "?tenant_id=other", multipartOf("a"), []string{editor, asMultipart}, 403, fault.CodeTenantForeign, ""},
		{"dry run in other words", path + "?dry_run=perhaps", multipartOf("a"), []string{editor, asMultipart}, 400, fault.CodeInvalidRequest, broken},
		{"other routes keep their limit", "/api/v1/schema/metrics", strings.Repeat(" ", 2<<20), []string{editor, asJSON}, 413, fault.CodeTooLarge, ""},
		{"with bulk in the query as well", "/api/v1/schema/metrics?/bulk", strings.Repeat(" ", 2<<20), []string{editor, asJSON}, 413, fault.CodeTooLarge, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.do(t, "POST", tt.path, tt.body, tt.headers...)
			a.problem(t, tt.status, tt.code)
			if tt.message != "" && a.member("error") != tt.message {
				t.Errorf("message %v, want %q", a.member("error"), tt.message)
			}
		})
	}
}

// A refused upload costs what every upload costs, even one that is not read.
func TestRefusedUploadIsCharged(t *testing.T) {
	w := begin(t)
	left := func(a answer) string { return a.Header.Get("X-Rate-Limit-Remaining") }
	first := left(w.do(t, "POST", "/api/v1/schema/metrics/bulk", "--X--", editor, asMultipart))
	second := left(w.do(t, "POST", "/api/v1/schema/metrics/bulk", multipartOf(strings.Repeat("a", 6<<20)), editor, asMultipart))
	third := left(w.do(t, "POST", "/api/v1/schema/metrics/bulk", "--X--", editor, asMultipart))
	if atoi(t, first)-atoi(t, second) != 20 || atoi(t, second)-atoi(t, third) != 20 {
		t.Errorf("left %q, %q, %q", first, second, third)
	}
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

func TestSample(t *testing.T) {
	w := begin(t)
	a := w.do(t, "GET", "/api/v1/schema/metrics/bulk/sample?metrics=a,b&metrics=c", "", viewer)
	if a.StatusCode != http.StatusOK || string(a.body) != "metrics\na,b|c\n" || a.Header.Get("Content-Type") != "text/csv; charset=utf-8" ||
		a.Header.Get("Content-Disposition") != "attachment; filename=a_sample.csv" || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
		a.Header.Get("X-Mirador-Warning") == "" {
		t.Errorf("%d %s %v", a.StatusCode, a.body, a.Header)
	}
	for path, kind := range map[string]string{"logs/fields": "logs", "traces/services": "traces_services", "traces/operations": "traces_operations"} {
		if a := w.do(t, "GET", "/api/v1/schema/"+path+"/bulk/sample", "", viewer); string(a.body) != kind+"\n\n" {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	w.do(t, "GET", "/api/v1/schema/metrics/bulk/sample", "", stranger).problem(t, 403, fault.CodeAccessDenied)
}
