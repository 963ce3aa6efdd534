package openapi_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/platformbuilds/mirador-core/gateway/internal/openapi"
	"github.com/platformbuilds/mirador-core/gateway/internal/openapi/compose"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	_ "github.com/platformbuilds/mirador-core/gateway/internal/transcode"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func table(t *testing.T) *route.Table {
	t.Helper()
	table, err := route.Load(protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func documents(t *testing.T, override string) *openapi.Documents {
	t.Helper()
	d, err := openapi.New(override, time.Unix(1_800_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDocumentIsCurrent(t *testing.T) {
	want, err := compose.Files(table(t), "proto.yaml", "native.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := documents(t, "").YAML()
	if err != nil || string(got) != string(want) {
		t.Errorf("openapi.yaml is not current (%v): run go run ./internal/openapi/generate in gateway", err)
	}
}

func TestDocumentIsValid(t *testing.T) {
	d := documents(t, "")
	yaml, _ := d.YAML()
	json, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"yaml": yaml, "json": json} {
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := doc.Validate(context.Background()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if doc.OpenAPI != "3.0.3" || doc.Info.Title != "MIRADOR-CORE API" || doc.Info.Version != "2.1.3" {
			t.Errorf("%s: %s %s %s", name, doc.OpenAPI, doc.Info.Title, doc.Info.Version)
		}
		s := doc.Servers[0]
		if s.URL != "{scheme}://{host}{basePath}" || s.Variables["basePath"].Default != "/api/v1" {
			t.Errorf("%s: server %+v", name, s)
		}
		if b := doc.Components.SecuritySchemes["BearerAuth"]; b == nil || b.Value.Scheme != "bearer" {
			t.Errorf("%s: BearerAuth %+v", name, b)
		}
	}
}

// Every route has an operation and every operation a route, with the same
// parameters and the same need of a credential.
func TestDocumentAndTableAgree(t *testing.T) {
	text, _ := documents(t, "").YAML()
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	routed := map[string]bool{}
	for _, r := range table(t).Rows() {
		path := compose.Path(&r)
		routed[r.Method+" "+path] = true
		item := doc.Paths.Value(path)
		if item == nil || item.GetOperation(r.Method) == nil {
			t.Errorf("%s %s has no operation", r.Method, r.Pattern)
			continue
		}
		op := item.GetOperation(r.Method)
		open := op.Security != nil && len(*op.Security) == 0
		if open != (r.Permission == route.Public) && r.Handler != "refresh" {
			t.Errorf("%s %s: open %v, permission %s", r.Method, r.Pattern, open, r.Permission)
		}
		if len(r.NameParams) > 0 && op.Parameters.GetByInAndName("path", r.NameParams[0]) == nil {
			t.Errorf("%s %s does not describe its parameter", r.Method, r.Pattern)
		}
	}
	ids := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if !routed[method+" "+path] {
				t.Errorf("operation %s %s has no route", method, path)
			}
			if ids[op.OperationID] || op.OperationID == "" {
				t.Errorf("operation id %q of %s %s", op.OperationID, method, path)
			}
			ids[op.OperationID] = true
		}
	}
}

func TestJSONExamplesAreFresh(t *testing.T) {
	json, err := documents(t, "").JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, stale := range []string{openapi.ExampleStart, openapi.ExampleEnd} {
		if strings.Contains(string(json), stale) {
			t.Errorf("example %s was not filled in", stale)
		}
	}
	if !strings.Contains(string(json), "2027-01-15T07:55:00Z") {
		t.Error("no example 5 minutes before the build")
	}
}

func TestOverride(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte("openapi: 3.0.3\ninfo: {title: mine}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := documents(t, file)
	yaml, err := d.YAML()
	if err != nil || !strings.Contains(string(yaml), "title: mine") {
		t.Errorf("yaml %s, %v", yaml, err)
	}
	json, err := d.JSON()
	if err != nil || string(json) != `{"info":{"title":"mine"},"openapi":"3.0.3"}` {
		t.Errorf("json %s, %v", json, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := d.JSON(); err == nil {
		t.Error("a missing file was served")
	}
}

func TestComposeRefuses(t *testing.T) {
	row := route.Row{Method: "GET", Pattern: "/x", Permission: "p", Cost: 1, Effect: route.Read}
	native, rpc := row, row
	native.Handler, rpc.RPC = "nosuch", "/a.B/C"
	for name, r := range map[string]route.Row{"handler": native, "rpc": rpc} {
		table, err := route.New([]route.Row{r})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := compose.Files(table, "proto.yaml", "native.yaml"); err == nil || !strings.Contains(err.Error(), "/x") {
			t.Errorf("%s without an operation: %v", name, err)
		}
	}
	empty, err := route.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compose.Files(empty, "proto.yaml", "native.yaml"); err == nil || !strings.Contains(err.Error(), "which no route uses") || !strings.Contains(err.Error(), "which is no route") {
		t.Errorf("operations without rows: %v", err)
	}
}
