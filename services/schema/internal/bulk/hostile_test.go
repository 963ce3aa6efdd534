package bulk_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
)

// hostile files and what is said of them. Nothing of a refused file is stored,
// since there is no plan to store.
func hostile(t *testing.T) []hostileFile {
	const head = "metric,description\n"
	rows := func(n int) string { return head + strings.Repeat("a,b\n", n) }
	names := func(n int) string { return strings.TrimSuffix(strings.Repeat("metric,", n), ",") + "\n" }
	return []hostileFile{
		{"no bytes", "", "", "empty csv", ""},
		{"only a byte order mark", "\uFEFF", "", "empty csv", ""},
		{"only blank lines", "\r\n\n  \n", "", "empty csv", ""},
		{"one byte too many", rows(2) + strings.Repeat("x", 5*mib), "", "invalid multipart form or file too large", ""},
		{"zip renamed", zipped(t), "", "unsupported content type", "application/zip"},
		{"gzip renamed", gzipped(t, rows(3)), "", "unsupported content type", "application/x-gzip"},
		{"PDF renamed", "%PDF-1.7\n" + rows(3), "", "unsupported content type", "application/pdf"},
		{"old spreadsheet renamed", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rows(3), "application/vnd.ms-excel", "unsupported content type", ""},
		{"page of HTML", "<!DOCTYPE html><script>alert(1)</script>\n" + rows(1), "", "unsupported content type", "text/html"},
		{"UTF-16 with a byte order mark", wide("\uFEFF" + rows(3)), "", "unsupported content type", "utf-16le"},
		{"UTF-16 without one", wide(rows(3)), "", "unsupported content type", ""},
		{"NUL far behind", rows(500) + "a\x00,b\n", "", "unsupported content type", "line 502"},
		{"declared as JSON", rows(3), "application/json", "unsupported content type", ""},
		{"declared as an image with parameters", rows(3), "image/png; charset=utf-8", "unsupported content type", ""},
		{"declared type that cannot be read", rows(3), "text/csv/../x;;", "unsupported content type", ""},
		{"header in another encoding", "metric,descripci\xf3n\na,b\n", "", "invalid utf-8 in header", ""},
		{"cell in another encoding", head + "a,b\nc,\xf3\n", "", "invalid utf-8", "line 3"},
		{"overlong UTF-8", head + "a,\xc0\xaf\n", "", "invalid utf-8", "line 2"},
		{"surrogate as UTF-8", head + "a,\xed\xa0\x80\n", "", "invalid utf-8", "line 2"},
		{"text that is reversed", head + "a,\u202eexe.fdp\n", "", "invalid csv", "line 2"},
		{"duplicate header", "metric,Metric \na,b\n", "", "duplicate column: metric", ""},
		{"unknown header", "metric,<script>\na,b\n", "", "unknown column: <script>", "tenant_id, metric"},
		{"unknown header, very long", "metric," + strings.Repeat("a", 1000) + "\na,b\n", "", "unknown column: " + strings.Repeat("a", 64), ""},
		{"formula for a header", "metric,=cmd|'/c calc'!A1\na,b\n", "", "unknown column: =cmd|'/c calc'!a1", ""},
		{"header with a quoted line break", "metric,\"desc\nription\"\na,b\n", "", "unknown column: description", ""},
		{"byte order mark within the header", "metric,\uFEFFdescription\na,b\n", "", "unknown column: description", ""},
		{"header without the key", "description\nb\n", "", "missing column: metric", ""},
		{"no header", "up,Is up.\n", "", "unknown column: up", ""},
		{"another separator", "metric;description\na;b\n", "", "unknown column: metric;description", ""},
		{"65 columns", names(65), "", "too many columns", "64"},
		{"5 MiB of columns", strings.Repeat(",", 5*mib), "", "too many columns", ""},
		{"10,001 rows", rows(10_001), "", "too many rows", "10000"},
		{"5 MiB of short rows", "metric\n" + strings.Repeat("\r\r\n", mib), "", "too many rows", ""},
		{"row that is too short", head + "a,b\nc\n", "", "invalid csv", "line 3 has 1 cells, the header has 2"},
		{"row that is too long", head + "a,b,c\n", "", "invalid csv", "line 2 has 3 cells, the header has 2"},
		{"5 MiB of cells", head + "a,\"x\ny\"" + strings.Repeat(",", 4*mib) + "\n", "", "invalid csv", "line 2"},
		{"huge cell", head + "a," + strings.Repeat("x", 65_537) + "\n", "", "cell too large", "line 2"},
		{"huge quoted cell over many lines", head + "a,\"" + strings.Repeat("x\n", 40_000) + "\"\n", "", "cell too large", "line 2"},
		{"quote that does not close", head + "a,\"b\nc,d\n", "", "invalid csv", "line 2"},
		{"quote within a cell", head + "a,b\"c\n", "", "invalid csv", "line 2"},
		{"text behind a quote", head + "a,\"b\"c\n", "", "invalid csv", "line 2"},
	}
}

type hostileFile struct{ name, text, contentType, message, detail string }

func TestHostileFiles(t *testing.T) {
	for _, tt := range hostile(t) {
		t.Run(tt.name, func(t *testing.T) {
			p, err := bulk.Parse(bulk.File{Kind: bulk.Metrics, ContentType: tt.contentType, Data: []byte(tt.text), Tenant: "acme"}, bulk.Limits{Bytes: 5 * mib})
			f := fault.From(err)
			if f == nil || f.Kind().HTTPStatus() != 400 || f.Message != tt.message || !strings.Contains(f.Detail, tt.detail) || p != nil {
				t.Errorf("plan %v, fault %v; want %q with %q", p, f, tt.message, tt.detail)
			}
		})
	}
}

func TestForeignTenant(t *testing.T) {
	for _, row := range []string{"acme-corp,a", "ACME,a", " globex ,a", "'=acme,a"} {
		_, err := parse(bulk.Services, "tenant_id,service\nacme,b\n"+row+"\n")
		if f := fault.From(err); f == nil || f.Code != fault.CodeTenantForeign || !strings.Contains(f.Detail, "line 3") {
			t.Errorf("%q: %v", row, err)
		}
	}
}

func TestThirtyThreeColumnsOfOperations(t *testing.T) {
	_, err := parse(bulk.Operations, strings.Repeat("service,", 32)+"operation\n")
	if f := fault.From(err); f == nil || f.Message != "too many columns" {
		t.Errorf("got %v", err)
	}
}

func TestExactlyTenThousandRows(t *testing.T) {
	var b strings.Builder
	b.WriteString("service\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "s%d\n", i)
	}
	if p := plan(t, bulk.Services, b.String()+"\n\n"); len(p.Changes) != 10_000 {
		t.Errorf("%d changes", len(p.Changes))
	}
}

func wide(text string) string {
	var b bytes.Buffer
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

func zipped(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("metrics.csv")
	if err == nil {
		_, err = w.Write(make([]byte, mib))
	}
	if err != nil || z.Close() != nil {
		t.Fatal("cannot zip")
	}
	return b.String()
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
		t.Fatal("cannot compress")
	}
	return b.String()
}
