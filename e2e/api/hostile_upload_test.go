package api

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// hostileFiles and the message of the refusal of each. Every one holds a row
// that would be seen if it were stored.
func hostileFiles() map[string]struct{ file, message string } {
	const head, row = "metric,description\n", "hostile,stored\n"
	return map[string]struct{ file, message string }{
		"nothing":                         {"", "empty csv"},
		"blank lines behind a BOM":        {"\uFEFF\r\n\n", "empty csv"},
		"zip":                             {"PK\x03\x04" + head + row, "unsupported content type"},
		"gzip":                            {"\x1f\x8b\x08" + head + row, "unsupported content type"},
		"PDF":                             {"%PDF-1.7\n" + head + row, "unsupported content type"},
		"old spreadsheet":                 {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + head + row, "unsupported content type"},
		"HTML":                            {"<html><script>alert(1)</script></html>\n" + head + row, "unsupported content type"},
		"UTF-16, little end first":        {"\xff\xfem\x00e\x00t\x00r\x00i\x00c\x00\n\x00h\x00", "unsupported content type"},
		"UTF-16, big end first":           {"\xfe\xff\x00m\x00e\x00t\x00r\x00i\x00c\x00\n\x00h", "unsupported content type"},
		"UTF-16 without a mark":           {"m\x00e\x00t\x00r\x00i\x00c\x00\n\x00h\x00", "unsupported content type"},
		"NUL in a cell":                   {head + row + strings.Repeat("a,b\n", 300) + "c,\x00\n", "unsupported content type"},
		"header in Latin 1":               {"metric,descripci\xf3n\n" + row, "invalid utf-8 in header"},
		"cell in Latin 1":                 {head + row + "a,\xf3\n", "invalid utf-8"},
		"overlong UTF-8":                  {head + row + "a,\xc0\xaf\n", "invalid utf-8"},
		"reversed text":                   {head + row + "a,\u202efdp.exe\n", "invalid csv"},
		"duplicate header":                {"metric,description,METRIC \n" + "hostile,stored,x\n", "duplicate column: metric"},
		"unknown header":                  {"metric,unit\n" + row, "unknown column: unit"},
		"formula for a header":            {"metric,=1+1\n" + row, "unknown column: =1+1"},
		"BOM within the header":           {"metric,\uFEFFdescription\n" + row, "unknown column: description"},
		"header with a quoted line break": {"metric,\"descr\niption\"\n" + row, "unknown column: description"},
		"no key":                          {"description\nstored\n", "missing column: metric"},
		"no header":                       {row, "unknown column: hostile"},
		"semicolons":                      {"metric;description\nhostile;stored\n", "unknown column: metric;description"},
		"65 columns":                      {strings.Repeat("metric,", 64) + "metric\n", "too many columns"},
		"a million columns":               {strings.Repeat(",", 1<<20), "too many columns"},
		"10,001 rows":                     {head + strings.Repeat(row, 10_001), "too many rows"},
		"short row":                       {head + row + "a\n", "invalid csv"},
		"long row":                        {head + row + "a,b,c\n", "invalid csv"},
		"huge cell":                       {head + row + "a," + strings.Repeat("x", 1<<20) + "\n", "cell too large"},
		"huge quoted cell":                {head + row + "a,\"" + strings.Repeat("x\n", 1<<19) + "\"\n", "cell too large"},
		"quote without an end":            {head + row + "a,\"b\n", "invalid csv"},
		"quote in the middle":             {head + row + "a,b\"c\n", "invalid csv"},
		"one byte too many":               {head + row + strings.Repeat("x", 5<<20), "invalid multipart form or file too large"},
		"100 MB":                          {"PK\x03\x04" + strings.Repeat("\x00", 100<<20), "invalid multipart form or file too large"},
	}
}

// TestHostileFilesStoreNothing sends each and compares the whole list of
// definitions before and after.
func TestHostileFilesStoreNothing(t *testing.T) {
	const list = "/api/v1/schema/metrics?limit=1000"
	before := viewer.Get(t, list).Want(t, 200)
	for name, tt := range hostileFiles() {
		t.Run(name, func(t *testing.T) {
			a := editor.Refused(t, http.MethodPost, "/api/v1/schema/metrics/bulk", formOf(tt.file), asForm).WantProblem(t, 400, "invalid_request")
			if a.At("error") != tt.message {
				t.Errorf("message: %s", a.Body)
			}
		})
	}
	wrong := strings.Replace(formOf("metric\nhostile\n"), "text/csv", "application/json", 1)
	if a := editor.Must(t, http.MethodPost, "/api/v1/schema/metrics/bulk", wrong, asForm).WantProblem(t, 400, "invalid_request"); a.At("error") != "unsupported content type" {
		t.Errorf("declared as JSON: %s", a.Body)
	}
	if after := viewer.Get(t, list).Want(t, 200); string(after.Body) != string(before.Body) {
		t.Errorf("the definitions changed to\n%.3000s", after.Body)
	}
}

// TestFormulasAreNeutralised stores cells as they were sent and finds each
// guarded in the export, which changes nothing when it is uploaded.
func TestFormulasAreNeutralised(t *testing.T) {
	cells := []string{"=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "\uFEFF=1", "\u00a0=1", "\u200b=1", "\u3000=1",
		"\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "=cmd|'/c calc'!A1", "=HYPERLINK(\"http://x\",\"y\")", "plain", "'quoted"}
	var file strings.Builder
	file.WriteString("metric,description\n")
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = fmt.Sprintf("formula_%02d", i)
		fmt.Fprintf(&file, "%s,\"%s\"\n", names[i], strings.ReplaceAll(c, `"`, `""`))
	}
	if a := uploadAs(t, editor, "/metrics/bulk", file.String()).Want(t, 200); fmt.Sprint(a.At("changed")) != fmt.Sprint(len(cells)) {
		t.Fatalf("upload: %s", a.Body)
	}
	sample := viewer.Get(t, "/api/v1/schema/metrics/bulk/sample?metrics="+strings.Join(names, ",")).Want(t, 200)
	records, err := csv.NewReader(strings.NewReader(string(sample.Body))).ReadAll()
	if err != nil || len(records) != len(cells)+1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for i, c := range cells {
		if a := viewer.Get(t, "/api/v1/schema/metrics/"+names[i]).Want(t, 200); a.At("description") != c {
			t.Errorf("%q is stored as %s", c, a.Body)
		}
		want := "'" + c
		if strings.HasSuffix(c, "plain") || strings.HasPrefix(c, "'") {
			want = c
		}
		if got := records[i+1][2]; got != want {
			t.Errorf("%q is exported as %q", c, got)
		}
	}
	if a := uploadAs(t, editor, "/metrics/bulk", string(sample.Body)).Want(t, 200); fmt.Sprint(a.At("changed")) != "0" {
		t.Errorf("the export changed %v definitions", a.At("changed"))
	}
}
