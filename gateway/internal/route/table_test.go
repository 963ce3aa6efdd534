package route_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	_ "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	optionsv1 "github.com/platformbuilds/mirador-core/proto/gen/options/v1"
	_ "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	_ "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	_ "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func load(t *testing.T) *route.Table {
	t.Helper()
	table, err := route.Load(protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestDocumentsAreCurrent(t *testing.T) {
	table := load(t)
	list, err := table.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{"routes.md": table.Markdown(), "routes.json": list} {
		got, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("docs/%s is not current: run go run ./internal/openapi/generate in gateway", name)
		}
	}
}

// A method of a Mirador service without a declaration must not exist: it would
// be refused by every server, and reachable by none.
func TestEveryMethodDeclaresItsAccess(t *testing.T) {
	seen := 0
	for _, name := range []protoreflect.FullName{"mirador.query.v1", "mirador.logs.v1", "mirador.traces.v1", "mirador.schema.v1"} {
		protoregistry.GlobalFiles.RangeFilesByPackage(name, func(f protoreflect.FileDescriptor) bool {
			seen += declared(t, f)
			return true
		})
	}
	if seen < 40 {
		t.Errorf("looked at %d methods only", seen)
	}
}

func declared(t *testing.T, f protoreflect.FileDescriptor) int {
	t.Helper()
	seen := 0
	for s := range f.Services().Len() {
		methods := f.Services().Get(s).Methods()
		for m := range methods.Len() {
			seen++
			if accessOf(methods.Get(m)).GetPermission() == "" {
				t.Errorf("%s declares no permission", methods.Get(m).FullName())
			}
		}
	}
	return seen
}

func accessOf(m protoreflect.MethodDescriptor) *optionsv1.Access {
	access, _ := proto.GetExtension(m.Options(), optionsv1.E_Access).(*optionsv1.Access)
	return access
}

// A native row must not be opener than the RPC that it relays to, or a caller
// would be refused there with an error that the edge should have given.
func TestHotRowsAgreeWithTheirRPC(t *testing.T) {
	seen := 0
	for _, r := range load(t).Rows() {
		if r.Transcoded() || r.RPC == "" {
			continue
		}
		seen++
		name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(r.RPC, "/"), "/", "."))
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
		if err != nil {
			t.Errorf("%s %s: %v", r.Method, r.Pattern, err)
			continue
		}
		m, _ := d.(protoreflect.MethodDescriptor)
		access := accessOf(m)
		if access.GetPermission() != r.Permission || access.GetCost() != r.Cost || (access.GetEffect() == optionsv1.Effect_EFFECT_READ) != (r.Effect == route.Read) {
			t.Errorf("%s %s declares %s %d %s, its RPC %s %d %s", r.Method, r.Pattern, r.Permission, r.Cost, r.Effect, access.GetPermission(), access.GetCost(), access.GetEffect())
		}
	}
	if seen < 20 {
		t.Errorf("looked at %d rows only", seen)
	}
}

// What a proto declares of its answers must stand in the row.
func TestRowsOfStreams(t *testing.T) {
	table := load(t)
	find := func(method, path string) *route.Row {
		m, err := table.Find(method, path)
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		return m.Row
	}
	query, export, store := find("POST", "/api/v1/logs/query"), find("POST", "/api/v1/logs/export"), find("POST", "/api/v1/logs/store")
	if !query.Relayed() || query.Transcoded() || !slices.Equal(query.Formats, []string{"json", "ndjson", "csv"}) || query.Long {
		t.Errorf("query: %+v", query)
	}
	if !export.Relayed() || !export.Long || export.Status() != 200 {
		t.Errorf("export: %+v", export)
	}
	if store.Stream || !store.Transcoded() || store.Status() != 201 || len(store.RawBody) != 3 || store.Permission != "logs.write" {
		t.Errorf("store: %+v", store)
	}
	if histogram := find("GET", "/api/v1/logs/histogram"); !histogram.Transcoded() || histogram.Relayed() {
		t.Errorf("histogram: %+v", histogram)
	}
	for path, rpc := range map[string]string{"/api/v1/traces/services": "Services", "/api/v1/traces/search": "Search",
		"/api/v1/traces/service-map": "ServiceMap", "/api/v1/traces/abc": "Trace", "/api/v1/traces/services/a%2Fb/operations": "Operations",
		"/jaeger/api/traces/abc": "Jaeger", "/jaeger/api/services/a%2Fb/operations": "Jaeger"} {
		if got := find("GET", path).RPC; got != "/mirador.traces.v1.TracesService/"+rpc {
			t.Errorf("%s leads to %s", path, got)
		}
	}
}

// Who may come without a credential is a list that nobody lengthens by
// accident.
func TestPublicRows(t *testing.T) {
	want := []string{"/", "/api/openapi.json", "/api/openapi.yaml", "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/health",
		"/api/v1/ready", "/health", "/livez", "/metrics", "/problems", "/problems/{code}", "/ready", "/readyz", "/swagger",
		"/swagger/", "/swagger/{file}"}
	var got []string
	for _, r := range load(t).Rows() {
		if r.Permission == route.Public {
			got = append(got, r.Pattern)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("public rows\n%v\nwant\n%v", got, want)
	}
}

func TestNewRefuses(t *testing.T) {
	good := route.Row{Method: "GET", Pattern: "/a/{x}", Permission: "p", Cost: 1, Effect: route.Read, Handler: "h"}
	change := func(f func(*route.Row)) route.Row { r := good; f(&r); return r }
	tests := []struct {
		name string
		rows []route.Row
		want string
	}{
		{"no permission", []route.Row{change(func(r *route.Row) { r.Permission = "" })}, "declares no permission"},
		{"no effect", []route.Row{change(func(r *route.Row) { r.Effect = "" })}, "declares no effect"},
		{"no cost", []route.Row{change(func(r *route.Row) { r.Cost = 0 })}, "declares no cost"},
		{"no handler", []route.Row{change(func(r *route.Row) { r.Handler = "" })}, "neither a handler nor an RPC"},
		{"a stream that writes", []route.Row{change(func(r *route.Row) { r.Handler, r.RPC, r.Stream, r.Effect = "", "/a.S/M", true, route.Write })}, "is not a read"},
		{"a failure as success", []route.Row{change(func(r *route.Row) { r.Success = 404 })}, "declares the success 404"},
		{"no path", []route.Row{change(func(r *route.Row) { r.Pattern = "a" })}, "no method or no path"},
		{"foreign name", []route.Row{change(func(r *route.Row) { r.NameParams = []string{"y"} })}, "not in its path"},
		{"twice", []route.Row{good, good}, "stands twice"},
		{"twice with other names", []route.Row{good, change(func(r *route.Row) { r.Pattern = "/a/{y}" })}, "stands twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := route.New(tt.rows); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := route.New([]route.Row{good}); err != nil {
		t.Errorf("good row refused: %v", err)
	}
}
