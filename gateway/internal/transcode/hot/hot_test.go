package hot_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/hot"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errStop = errors.New("stop")

// keys remembers the keys asked for and never answers.
type keys struct{ asked []relay.Key }

func (k *keys) Fetch(_ context.Context, key relay.Key, _ relay.Call) (*relay.Answer, error) {
	k.asked = append(k.asked, key)
	return nil, errStop
}

type epoch uint64

func (e epoch) Epoch(string) uint64 { return uint64(e) }

func set(t *testing.T, raw string) param.Set {
	t.Helper()
	s, err := param.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func find(t *testing.T, method, path string) route.Match {
	t.Helper()
	table, err := route.New(route.Native())
	if err != nil {
		t.Fatal(err)
	}
	m, err := table.Find(method, path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Every native row that names an RPC of the query service must be served here,
// whatever it is called with.
func TestEveryHotRowIsServed(t *testing.T) {
	k := &keys{}
	s := hot.New(nil, k, epoch(3))
	ctx := identity.Into(t.Context(), &identity.Identity{Tenant: "demo", Account: 1, Project: 2, Scope: `env="prod"`})
	seen := 0
	for _, r := range route.Native() {
		if !strings.HasPrefix(r.RPC, "/mirador.query.v1.") {
			continue
		}
		seen++
		m := route.Match{Row: &r, Params: []route.Param{{Name: "name", Value: "job"}}}
		_, err := s.Fetch(ctx, hot.Request{Match: m, Query: set(t, "query=up&start=1&end=2&step=3&match[]=up")})
		if f := fault.From(err); f == nil || f.Code == fault.CodeInvalidRequest {
			t.Errorf("%s %s: %v", r.Method, r.Pattern, err)
		}
		key := k.asked[len(k.asked)-1]
		if key.Tenant != "demo" || key.Account != "1:2" || key.Scope == "" || key.Scope == "-" || key.Epoch != 3 || key.Route != r.RPC {
			t.Errorf("%s %s: key %+v", r.Method, r.Pattern, key)
		}
	}
	if seen != len(k.asked) || seen < 20 {
		t.Errorf("%d rows, %d keys", seen, len(k.asked))
	}
}

// Every parameter that changes an answer must change its key, and what is
// dropped must not.
func TestKeyHoldsWhatMatters(t *testing.T) {
	params := func(path, raw string) []relay.Param {
		k := &keys{}
		ctx := identity.Into(t.Context(), &identity.Identity{Tenant: "demo"})
		if _, err := hot.New(nil, k, epoch(0)).Fetch(ctx, hot.Request{Match: find(t, "GET", path), Query: set(t, raw)}); len(k.asked) == 0 {
			t.Fatalf("%s?%s: %v", path, raw, err)
		}
		p := k.asked[0].Params
		slices.SortFunc(p, func(a, b relay.Param) int {
			return slices.Compare([]string{a.Name, a.Value}, []string{b.Name, b.Value})
		})
		return p
	}
	base := params("/query", "query=up")
	for _, more := range []string{"time=1", "timeout=1s", "step=1m", "include_definitions=0", "definitions_minimal=1", "label_keys=a", "label_keys=a&label_keys=b"} {
		if reflect.DeepEqual(params("/query", "query=up&"+more), base) {
			t.Errorf("%s does not change the key", more)
		}
	}
	if !reflect.DeepEqual(params("/query", "query=up&colour=red&tenantId=demo"), base) {
		t.Error("a dropped parameter changes the key")
	}
	if reflect.DeepEqual(params("/api/v1/label/a/values", ""), params("/api/v1/label/b/values", "")) {
		t.Error("two labels have one key")
	}
	if reflect.DeepEqual(params("/prometheus/api/v1/query", "query=up"), params("/prometheus/api/v1/series", "query=up")) {
		t.Error("two endpoints have one key")
	}
}

func TestNoIdentityNoCall(t *testing.T) {
	k := &keys{}
	_, err := hot.New(nil, k, epoch(0)).Fetch(t.Context(), hot.Request{Match: find(t, "GET", "/query"), Query: set(t, "query=up")})
	if fault.From(err).Code != fault.CodeTenantRequired || len(k.asked) != 0 {
		t.Errorf("%v, %d asked", err, len(k.asked))
	}
}

func TestAllFaultsAreNamed(t *testing.T) {
	ctx := identity.Into(t.Context(), &identity.Identity{Tenant: "demo"})
	_, err := hot.New(nil, &keys{}, epoch(0)).Fetch(ctx, hot.Request{Match: find(t, "POST", "/query_range"), Body: set(t, "query=up&definitions_minimal=x")})
	f := fault.From(err)
	var names []string
	for _, field := range f.Fields {
		names = append(names, field.Pointer)
	}
	if want := []string{"/start", "/end", "/step", "/definitions_minimal"}; f.Message != "Invalid range query request" || !slices.Equal(names, want) {
		t.Errorf("%v %v, want %v", f, names, want)
	}
}

func TestWarnings(t *testing.T) {
	s := hot.New(nil, &keys{}, epoch(0))
	got := s.Warnings(hot.Request{Match: find(t, "GET", "/query"), Query: set(t, "query=up&colour=red&tenantId=demo&timeout=1s")})
	if want := []string{`unknown parameter "colour" is ignored`}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := s.Warnings(hot.Request{Match: find(t, "GET", "/prometheus/api/v1/query"), Query: set(t, "query=up&colour=red")}); got != nil {
		t.Errorf("Prometheus' rows warn: %v", got)
	}
}
