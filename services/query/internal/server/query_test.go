package server

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

func TestInstant(t *testing.T) {
	b, to := newBench(t), demo(t)
	if err := b.Instant(&queryv1.InstantRequest{Query: "up", Time: "2026-11-20T10:00:00Z"}, to); err != nil {
		t.Fatal(err)
	}
	want := `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a","zone":"z"},"value":[1,"1"]}]},` +
		`"metadata":{"executionTime":0,"seriesCount":1,"cached":false,"timestamp":"2026-11-22T12:00:00Z"},"definitions":{"metrics":{"up":`
	if !strings.HasPrefix(to.body.String(), want) {
		t.Errorf("got %s", to.body.String())
	}
	m := to.members(t)
	labels := m["definitions"].(map[string]any)["labels"].(map[string]any)["up"].(map[string]any)
	if labels["job"].(map[string]any)["type"] != "string" || !strings.Contains(labels["zone"].(map[string]any)["definition"].(string), "/api/v1/schema/metrics") {
		t.Errorf("got labels %v", labels)
	}
	if m["isPartial"] != false || m["stats"] == nil || m["warnings"] != nil {
		t.Errorf("got %v", m)
	}
	if want := []read.Request{read.Instant{Query: "up", Time: "2026-11-20T10:00:00Z"}}; !reflect.DeepEqual(b.store.asked, want) {
		t.Errorf("asked %v", b.store.asked)
	}
	if !reflect.DeepEqual(b.observed, []string{"metricsql demo"}) {
		t.Errorf("observed %v", b.observed)
	}
	if got := to.header.Get(rpc.KeyEpoch); !reflect.DeepEqual(got, []string{"3"}) || to.cached() != "miss" {
		t.Errorf("got epoch %v, cache %s", got, to.cached())
	}
}

func TestOurOwnLabelsNeedNoDefinition(t *testing.T) {
	b, to := newBench(t), demo(t)
	b.store.answer = func(read.Request) (string, error) {
		return strings.Replace(vector, `"zone":"z"`, `"vm_account_id":"1","vm_project_id":"0"`, 1), nil
	}
	if err := b.Instant(&queryv1.InstantRequest{Query: "up"}, to); err != nil {
		t.Fatal(err)
	}
	labels := to.members(t)["definitions"].(map[string]any)["labels"].(map[string]any)["up"].(map[string]any)
	if len(labels) != 1 || labels["job"] == nil {
		t.Errorf("got %v", labels)
	}
}

func TestInstantAgainIsAHit(t *testing.T) {
	b := newBench(t)
	ask := func(to *client, in *queryv1.InstantRequest) *client {
		t.Helper()
		if err := b.Instant(in, to); err != nil {
			t.Fatal(err)
		}
		return to
	}
	ask(demo(t), &queryv1.InstantRequest{Query: "up"})
	again := ask(demo(t), &queryv1.InstantRequest{Query: " up # same"})
	if again.cached() != "hit" || len(b.store.asked) != 1 {
		t.Fatalf("got %s after %d calls", again.cached(), len(b.store.asked))
	}
	if m := again.members(t)["metadata"].(map[string]any); m["cached"] != true || m["cacheHit"] != true {
		t.Errorf("got metadata %v", m)
	}
	epoch := demo(t)
	epoch.ctx = metadata.NewIncomingContext(epoch.ctx, metadata.Pairs(rpc.KeyEpoch, "9"))
	for name, to := range map[string]*client{
		"other tenant":  ask(as(t, "other", 2), &queryv1.InstantRequest{Query: "up"}),
		"same name":     ask(as(t, "demo", 2), &queryv1.InstantRequest{Query: "up"}),
		"other time":    ask(demo(t), &queryv1.InstantRequest{Query: "up", Time: "now-1h"}),
		"other step":    ask(demo(t), &queryv1.InstantRequest{Query: "up", Step: "1m"}),
		"minimal":       ask(demo(t), &queryv1.InstantRequest{Query: "up", Definitions: &queryv1.DefinitionOptions{Minimal: true}}),
		"label keys":    ask(demo(t), &queryv1.InstantRequest{Query: "up", Definitions: &queryv1.DefinitionOptions{LabelKeys: []string{"a"}}}),
		"newer epoch":   ask(epoch, &queryv1.InstantRequest{Query: "up"}),
		"other timeout": ask(demo(t), &queryv1.InstantRequest{Query: "up", Timeout: "5s"}),
	} {
		if to.cached() != "miss" {
			t.Errorf("%s: got %s", name, to.cached())
		}
	}
	if to := ask(demo(t), &queryv1.InstantRequest{Query: "up", NoCache: true}); to.cached() != "bypass" {
		t.Errorf("no cache: got %s", to.cached())
	}
}

func TestLivesOfAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		in   *queryv1.InstantRequest
		want string
	}{
		"closed":        {&queryv1.InstantRequest{Query: "up", Time: "2026-11-20T10:00:00Z"}, "300000"},
		"now":           {&queryv1.InstantRequest{Query: "up"}, "15000"},
		"relative":      {&queryv1.InstantRequest{Query: "up", Time: "now-2d"}, "15000"},
		"asks for now":  {&queryv1.InstantRequest{Query: "up > now()", Time: "2026-11-20T10:00:00Z"}, "15000"},
		"looks forward": {&queryv1.InstantRequest{Query: "up offset -3d", Time: "2026-11-20T10:00:00Z"}, "15000"},
	} {
		to := demo(t)
		if err := newBench(t).Instant(tt.in, to); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(to.trailer.Get(rpc.KeyCacheTTL), ","); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

func TestDefinitionsAreOptionalAndMayBeAway(t *testing.T) {
	b, off := newBench(t), demo(t)
	if err := b.Instant(&queryv1.InstantRequest{Query: "up", Definitions: &queryv1.DefinitionOptions{Include: proto.Bool(false)}}, off); err != nil {
		t.Fatal(err)
	}
	if m := off.members(t); m["definitions"] != nil || m["warnings"] != nil || m["metadata"] == nil {
		t.Errorf("off: got %v", m)
	}
	b, away := newBench(t), demo(t)
	b.shelf.err = errors.New("connection refused")
	if err := b.Instant(&queryv1.InstantRequest{Query: "up"}, away); err != nil {
		t.Fatal(err)
	}
	m := away.members(t)
	if warnings, _ := m["warnings"].([]any); m["definitions"] != nil || len(warnings) != 1 {
		t.Errorf("away: got %v", m)
	}
	if len(away.trailer.Get(rpc.KeyCacheTTL)) != 0 {
		t.Error("an answer without its definitions is cached")
	}
}

func TestTimesForEveryVersionOfTheBackEnd(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "2026-11-20T10:00:00Z": "2026-11-20T10:00:00Z", "2026-11-20T10:00:00+01:00": "2026-11-20T10:00:00+01:00",
		"1795168800": "1795168800", "1795168800.5": "1795168800.5", "1795168800500": "2026-11-20T10:00:00.500Z",
		"2026-11-20": "2026-11-20T00:00:00.000Z", "2026-11-20T10:00Z": "2026-11-20T10:00:00.000Z", "2026": "2026-01-01T00:00:00.000Z",
		"now": "2026-11-22T12:00:00.000Z", "now-1h": "2026-11-22T11:00:00.000Z", "-1d": "2026-11-21T12:00:00.000Z",
	} {
		b := newBench(t)
		if err := b.Instant(&queryv1.InstantRequest{Query: "up", Time: in}, demo(t)); err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := b.store.asked[0].(read.Instant).Time; got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestRange(t *testing.T) {
	b, to := newBench(t), demo(t)
	in := &queryv1.RangeRequest{Query: "sum(up)", Start: "1795168800", End: "1795169400", Step: "30s"}
	if err := b.Range(in, to); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"executionTime": 0.0, "dataPoints": 2.0, "seriesCount": 1.0, "timeRange": "1795168800 to 1795169400",
		"step": "30s", "cached": false}
	if got := to.members(t)["metadata"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if want := (read.Range{Query: "sum(up)", Start: "1795168800", End: "1795169400", Step: "30s"}); b.store.asked[0] != want {
		t.Errorf("asked %v", b.store.asked)
	}
	again := demo(t)
	if err := b.Range(in, again); err != nil || again.cached() != "hit" {
		t.Errorf("got %s, %v", again.cached(), err)
	}
}

func TestBadQueries(t *testing.T) {
	const instant, ranged = "Invalid query request format", "Invalid range query request"
	long := strings.Repeat("x", 101)
	for name, tt := range map[string]struct {
		in             proto.Message
		code           fault.Code
		message, field string
	}{
		"no query":      {&queryv1.InstantRequest{}, fault.CodeInvalidRequest, instant, "/query"},
		"long query":    {&queryv1.InstantRequest{Query: long}, fault.CodeQueryTooLong, instant, "/query"},
		"broken query":  {&queryv1.InstantRequest{Query: "sum(up"}, fault.CodeQueryInvalid, `Invalid MetricsQL query: unexpected end of query; want ",", ")"`, "/query"},
		"bomb":          {&queryv1.InstantRequest{Query: strings.Repeat("ttf(", 20) + "x" + strings.Repeat(")", 19)}, fault.CodeQueryTooExpensive, "Invalid MetricsQL query: the WITH templates of the query expand to too many terms", "/query"},
		"bad time":      {&queryv1.InstantRequest{Query: "up", Time: "yesterday"}, fault.CodeInvalidTime, instant, "/time"},
		"bad step":      {&queryv1.InstantRequest{Query: "up", Step: "often"}, fault.CodeInvalidTime, instant, "/step"},
		"bad timeout":   {&queryv1.InstantRequest{Query: "up", Timeout: "soon"}, fault.CodeInvalidTime, instant, "/timeout"},
		"no start":      {&queryv1.RangeRequest{Query: "up", End: "2", Step: "1"}, fault.CodeInvalidRequest, ranged, "/start"},
		"bad end":       {&queryv1.RangeRequest{Query: "up", Start: "1", End: "x", Step: "1"}, fault.CodeInvalidTime, ranged, "/end"},
		"reversed":      {&queryv1.RangeRequest{Query: "up", Start: "10", End: "5", Step: "1"}, fault.CodeInvalidTime, ranged, "/end"},
		"step 0":        {&queryv1.RangeRequest{Query: "up", Start: "1", End: "5", Step: "0"}, fault.CodeInvalidTime, ranged, "/step"},
		"absurd range":  {&queryv1.RangeRequest{Query: "up", Start: "0", End: "now", Step: "1w"}, fault.CodeQueryTooExpensive, ranged, "/start"},
		"many points":   {&queryv1.RangeRequest{Query: "up", Start: "now-30d", End: "now", Step: "1s"}, fault.CodeQueryTooExpensive, ranged, "/step"},
		"broken ranged": {&queryv1.RangeRequest{Query: "up up", Start: "1", End: "5", Step: "1"}, fault.CodeQueryInvalid, `Invalid MetricsQL query: unexpected text "up"`, "/query"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var err error
			switch in := tt.in.(type) {
			case *queryv1.InstantRequest:
				err = b.Instant(in, demo(t))
			case *queryv1.RangeRequest:
				err = b.Range(in, demo(t))
			}
			f := expect(t, err, tt.code, tt.message, tt.field)
			if tt.code == fault.CodeQueryInvalid && f.Extra["position"] == nil {
				t.Error("the position is missing")
			}
			if len(b.store.asked) > 0 {
				t.Error("the back end was asked")
			}
		})
	}
}

func TestRefusalsOfTheBackEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		given   *fault.Error
		code    fault.Code
		message string
	}{
		"syntax":   {fault.New(fault.CodeQueryInvalid, "x").WithDetail("why"), fault.CodeQueryInvalid, "Invalid MetricsQL query: why"},
		"rejected": {fault.New(fault.CodeQueryRejected, "x").WithDetail("why"), fault.CodeQueryRejected, "Query execution failed"},
		"down":     {fault.New(fault.CodeBackendDown, "x"), fault.CodeBackendDown, "Query execution failed"},
		"slow":     {fault.New(fault.CodeTimeout, "x").WithDetail("stage"), fault.CodeTimeout, "Query execution failed"},
		"scope":    {fault.New(fault.CodeAccessDenied, "Access denied: x"), fault.CodeAccessDenied, "Access denied: x"},
	} {
		b := newBench(t)
		b.store.answer = func(read.Request) (string, error) { return "", tt.given }
		f := expect(t, b.Instant(&queryv1.InstantRequest{Query: "up"}, demo(t)), tt.code, tt.message, "")
		if !strings.Contains(f.Message+f.Detail, tt.given.Detail) {
			t.Errorf("%s: got detail %q", name, f.Detail)
		}
	}
}

func TestNobodyWithoutATenant(t *testing.T) {
	to := &client{ctx: t.Context()}
	expect(t, newBench(t).Instant(&queryv1.InstantRequest{Query: "up"}, to), fault.CodeTenantRequired, "Tenant context required", "")
}
