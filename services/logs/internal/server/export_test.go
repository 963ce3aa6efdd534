package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const exportLine = `{"_time":"2026-11-20T10:00:00Z","_msg":"=cmd","service":"cart"}` + "\n"

// exporting answers with n rows, and with the names of fields.
func exporting(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		if strings.HasSuffix(r.URL.Query().Get("query"), "| field_names") {
			fmt.Fprint(w, `{"name":"service"}`+"\n"+`{"name":"_msg"}`+"\n"+`{"name":"_time"}`+"\n")
			return
		}
		for range n {
			fmt.Fprint(w, exportLine)
		}
	}
}

func TestExport(t *testing.T) {
	cases := []struct{ format, contentType, want string }{
		{"", "application/json", "[\n" + strings.TrimSpace(exportLine) + ",\n" + strings.TrimSpace(exportLine) + "\n]\n"},
		{"ndjson", "application/x-ndjson", exportLine + exportLine},
		{"csv", "text/csv; charset=utf-8", "_msg,_time,service\r\n'=cmd,2026-11-20T10:00:00Z,cart\r\n'=cmd,2026-11-20T10:00:00Z,cart\r\n"},
		{"parquet", "application/octet-stream", ""},
	}
	for _, c := range cases {
		t.Run(c.format, func(t *testing.T) {
			to := &bodies{ctx: caller(t.Context())}
			if err := onBackend(t, exporting(2)).Export(&logsv1.ExportRequest{Query: "*", Format: c.format}, to); err != nil {
				t.Fatal(err)
			}
			got := to.body.String()
			if c.want != "" && got != c.want || c.want == "" && !strings.HasPrefix(got, "PAR1") {
				t.Errorf("body %q, want %q", got, c.want)
			}
			sum := sha256.Sum256(to.body.Bytes())
			if only(to.trailer, rpc.KeyRows) != "2" || only(to.trailer, rpc.KeyChecksum) != "sha256="+hex.EncodeToString(sum[:]) {
				t.Errorf("trailer %v", to.trailer)
			}
			name := "logs-1795176000." + c.format
			if c.format == "" {
				name += "json"
			}
			if to.contentType != c.contentType || only(to.header, rpc.KeyFilename) != name {
				t.Errorf("type %q, header %v", to.contentType, to.header)
			}
		})
	}
}

func TestExportWithoutRows(t *testing.T) {
	s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
	})
	to := &bodies{ctx: caller(t.Context())}
	if err := s.Export(&logsv1.ExportRequest{Query: "*", Format: "csv"}, to); err != nil || to.body.String() != "_msg,_time\r\n" {
		t.Errorf("%v, body %q", err, to.body.String())
	}
}

func TestExportRefused(t *testing.T) {
	s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "cannot parse query [level:error level:]: missing word; context: [level:error level:]", http.StatusBadRequest)
	})
	cases := []struct {
		name string
		in   *logsv1.ExportRequest
		want fault.Code
		text string
	}{
		{"no query", &logsv1.ExportRequest{}, fault.CodeInvalidRequest, "Invalid export request format"},
		{"format", &logsv1.ExportRequest{Query: "*", Format: "xml"}, fault.CodeInvalidRequest, "Invalid export request format"},
		{"limit", &logsv1.ExportRequest{Query: "*", Limit: -1}, fault.CodeInvalidRequest, "Invalid export request format"},
		{"part of a row", &logsv1.ExportRequest{Query: "*", Limit: 1.5}, fault.CodeInvalidRequest, "Invalid export request format"},
		{"time", &logsv1.ExportRequest{Query: "*", Start: "soon"}, fault.CodeInvalidTime, "Invalid export request format"},
		{"guard", &logsv1.ExportRequest{Query: "(a"}, fault.CodeQueryInvalid, ""},
		{"back end", &logsv1.ExportRequest{Query: "level:error level:"}, fault.CodeQueryInvalid, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			to := &bodies{ctx: caller(t.Context())}
			f := fault.From(s.Export(c.in, to))
			if f.Code != c.want || c.text != "" && f.Message != c.text || to.body.Len() > 0 {
				t.Errorf("%v, body %q", f, to.body.String())
			}
		})
	}
}

func TestCancelledExportEndsTheUpstream(t *testing.T) {
	gone := make(chan struct{})
	s := onBackend(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		w.Header().Set("Content-Type", "application/stream+json")
		for r.Context().Err() == nil {
			if _, err := fmt.Fprint(w, exportLine); err != nil {
				return
			}
		}
	})
	ctx, cancel := context.WithCancel(caller(t.Context()))
	to := &bodies{ctx: ctx, sent: make(chan int, 1)}
	done := make(chan error, 1)
	go func() { done <- s.Export(&logsv1.ExportRequest{Query: "*", Format: "ndjson"}, to) }()
	<-to.sent
	cancel()
	if err := <-done; err == nil {
		t.Error("a cut export has no error")
	}
	<-gone
	if only(to.trailer, rpc.KeyRows) != "" {
		t.Errorf("trailer %v of a cut body", to.trailer)
	}
}

func TestBrokenUpstreamBreaksTheExport(t *testing.T) {
	s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		fmt.Fprint(w, strings.Repeat(exportLine, 20_000)+`{"cut`)
	})
	to := &bodies{ctx: caller(t.Context())}
	err := s.Export(&logsv1.ExportRequest{Query: "*", Format: "ndjson"}, to)
	if f := fault.From(err); f == nil || f.Code != fault.CodeBackendFailed || f.Message != "Log export failed" || to.trailer != nil {
		t.Errorf("%v, trailer %v", err, to.trailer)
	}
}
