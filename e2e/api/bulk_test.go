package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/e2e/client"
)

const asForm = "Content-Type: multipart/form-data; boundary=mirador"

// formOf is a form with one CSV file.
func formOf(text string) string {
	return "--mirador\r\nContent-Disposition: form-data; name=\"file\"; filename=\"defs.csv\"\r\nContent-Type: text/csv\r\n\r\n" + text + "\r\n--mirador--\r\n"
}

func uploadAs(t *testing.T, c *client.Client, path, text string) *client.Answer {
	t.Helper()
	return c.Must(t, http.MethodPost, "/api/v1/schema"+path, formOf(text), asForm)
}

// TestUploadOverHTTP stores a file, finds its rows, and stores it again.
func TestUploadOverHTTP(t *testing.T) {
	const file = "metric,description,tags_json,label,label_required\nbulk_total,=1+1,\"[\"\"a\"\"]\",job,yes\nbulk_total,,,env,\n\"x\ny\",,,,\n"
	dry := uploadAs(t, editor, "/metrics/bulk?dry_run=true", file).Want(t, 200)
	if fmt.Sprintf("%v %v %v %v", dry.At("metrics_upserted"), dry.At("labels_upserted"), dry.At("dry_run"), dry.At("rows", 0, "line")) != "1 2 true 4" {
		t.Errorf("dry run: %s", dry.Body)
	}
	viewer.Get(t, "/api/v1/schema/metrics/bulk_total").WantProblem(t, 404, "not_found")
	uploadAs(t, editor, "/metrics/bulk?all_or_nothing=true", file).WantProblem(t, 400, "invalid_request")
	viewer.Get(t, "/api/v1/schema/metrics/bulk_total").WantProblem(t, 404, "not_found")
	uploadAs(t, viewer, "/metrics/bulk", file).WantProblem(t, 403, "access_denied")

	first := uploadAs(t, editor, "/metrics/bulk", file).Want(t, 200)
	if fmt.Sprintf("%v %v %v %v", first.At("status"), first.At("changed"), first.At("errors", 0), first.At("file")) !=
		"ok 3 line 4: metric must not hold control characters defs.csv" {
		t.Errorf("upload: %s", first.Body)
	}
	if a := viewer.Get(t, "/api/v1/schema/metrics/bulk_total").Want(t, 200); a.At("description") != "=1+1" || fmt.Sprintf("%v", a.At("tags")) != "[a]" {
		t.Errorf("metric: %s", a.Body)
	}
	if a := viewer.Get(t, "/api/v1/schema/metrics/bulk_total/labels/job").Want(t, 200); a.At("required") != true {
		t.Errorf("label: %s", a.Body)
	}
	if a := uploadAs(t, editor, "/metrics/bulk", file).Want(t, 200); fmt.Sprintf("%v", a.At("changed")) != "0" {
		t.Errorf("the same file again: %s", a.Body)
	}
	// An export neutralises what was stored as sent, and changes nothing.
	sample := viewer.Get(t, "/api/v1/schema/metrics/bulk/sample?metrics=bulk_total").Want(t, 200)
	if !strings.Contains(string(sample.Body), `,bulk_total,'=1+1,,"[""a""]",job,,true,`) {
		t.Errorf("sample: %s", sample.Body)
	}
	if a := uploadAs(t, editor, "/metrics/bulk", string(sample.Body)).Want(t, 200); fmt.Sprintf("%v %v", a.At("changed"), a.At("errors")) != "0 <nil>" {
		t.Errorf("the sample: %s", a.Body)
	}
}

// TestUploadsOfOtherKinds follows a service to its operations in one breath.
func TestUploadsOfOtherKinds(t *testing.T) {
	uploadAs(t, editor, "/logs/fields/bulk", "field,type\nbulk.level,string\n").Want(t, 200)
	viewer.Get(t, "/api/v1/schema/logs/fields/bulk.level").Want(t, 200)
	const operations = "service,operation\nbulk-shop,GET /\n"
	if a := uploadAs(t, editor, "/traces/operations/bulk", operations).Want(t, 200); fmt.Sprintf("%v %v", a.At("operations_upserted"), a.At("rows", 0, "column")) != "0 service" {
		t.Errorf("without a service: %s", a.Body)
	}
	uploadAs(t, editor, "/traces/services/bulk", "service\nbulk-shop\n").Want(t, 200)
	if a := uploadAs(t, editor, "/traces/operations/bulk", operations).Want(t, 200); fmt.Sprintf("%v", a.At("operations_upserted")) != "1" {
		t.Errorf("with a service: %s", a.Body)
	}
	viewer.Get(t, "/api/v1/schema/traces/services/bulk-shop/operations/GET%20%2F").Want(t, 200)
}

// TestSampleUploadsBack takes the samples of what the demo has seen; see
// TestUploadOverHTTP for one that is stored.
func TestSampleUploadsBack(t *testing.T) {
	for _, path := range []string{"/metrics/bulk", "/logs/fields/bulk", "/traces/services/bulk", "/traces/operations/bulk"} {
		t.Run(strings.ReplaceAll(path, "/", "|"), func(t *testing.T) {
			a := viewer.Get(t, "/api/v1/schema"+path+"/sample").Want(t, 200)
			if a.Header.Get("Content-Type") != "text/csv; charset=utf-8" || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment; filename=") {
				t.Errorf("headers %v", a.Header)
			}
			// Dry, since other tests want something that is not defined.
			if up := uploadAs(t, editor, path+"?dry_run=true", string(a.Body)).Want(t, 200); up.At("errors") != nil {
				t.Errorf("upload: %s", up.Body)
			}
		})
	}
}

func TestUploadsRefusedOverHTTP(t *testing.T) {
	const path = "/metrics/bulk"
	for name, tt := range map[string]struct{ body, message string }{
		"too large":      {formOf(strings.Repeat("a", 5<<20+1)), "invalid multipart form or file too large"},
		"far too large":  {formOf(strings.Repeat("a", 20<<20)), "invalid multipart form or file too large"},
		"no file":        {"--mirador--\r\n", "file is required"},
		"zip":            {formOf("PK\x03\x04aaaa"), "unsupported content type"},
		"UTF-16":         {formOf("\xff\xfem\x00e\x00"), "unsupported content type"},
		"no rows":        {formOf(""), "empty csv"},
		"unknown column": {formOf("metric,unit\nup,s\n"), "unknown column: unit"},
		"missing column": {formOf("description\nx\n"), "missing column: metric"},
		"10,001 rows":    {formOf("metric\n" + strings.Repeat("a\n", 10_001)), "too many rows"},
	} {
		t.Run(name, func(t *testing.T) {
			a := editor.Refused(t, http.MethodPost, "/api/v1/schema"+path, tt.body, asForm).WantProblem(t, 400, "invalid_request")
			if a.At("error") != tt.message {
				t.Errorf("message: %s", a.Body)
			}
		})
	}
	uploadAs(t, editor, path, "metric,tenant_id\nup,other\n").WantProblem(t, 403, "tenant_foreign")
	limits := viewer.Get(t, "/api/v1/schema/limits").Want(t, 200)
	if fmt.Sprintf("%v %v %v %v", limits.At("max_bytes"), limits.At("max_rows"), limits.At("uploads", 0, "kind"), limits.At("uploads", 0, "per_day")) != "5.24288e+06 10000 metrics 20" {
		t.Errorf("limits: %s", limits.Body)
	}
}
