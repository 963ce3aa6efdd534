package server

import (
	"reflect"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

func TestListings(t *testing.T) {
	sel := &queryv1.SelectRequest{Match: []string{"up"}, Start: "2026-11-20", End: "1795172400", Limit: 5}
	narrow := read.Select{Match: []string{"up"}, Start: "2026-11-20T00:00:00.000Z", End: "1795172400", Limit: 5}
	for name, tt := range map[string]struct {
		call func(b *bench, to *client) error
		want read.Request
		body string
	}{
		"series": {func(b *bench, to *client) error { return b.Series(sel, to) }, read.Series{Select: narrow}, names},
		"labels": {func(b *bench, to *client) error { return b.Labels(sel, to) }, read.Labels{Select: narrow}, names},
		"values": {func(b *bench, to *client) error {
			return b.LabelValues(&queryv1.LabelValuesRequest{Label: "job", Select: sel}, to)
		}, read.LabelValues{Label: "job", Select: narrow}, names},
		"names": {func(b *bench, to *client) error { return b.MetricNames(sel, to) }, read.LabelValues{Label: "__name__", Select: narrow},
			`{"status":"success","data":{"names":["down_total","up"],"total":2}}`},
		"without a limit": {func(b *bench, to *client) error { return b.Labels(nil, to) },
			read.Labels{Select: read.Select{Limit: 51}}, names},
	} {
		t.Run(name, func(t *testing.T) {
			b, to := newBench(t), demo(t)
			if err := tt.call(b, to); err != nil {
				t.Fatal(err)
			}
			if to.body.String() != tt.body || !reflect.DeepEqual(b.store.asked, []read.Request{tt.want}) {
				t.Errorf("got %s after asking %v", to.body.String(), b.store.asked)
			}
			again := demo(t)
			if err := tt.call(b, again); err != nil || again.cached() != "hit" || again.body.String() != tt.body {
				t.Errorf("again: got %s, %v", again.cached(), err)
			}
		})
	}
}

func TestListingsDoNotShareAnswers(t *testing.T) {
	b := newBench(t)
	for _, call := range []func(to *client) error{
		func(to *client) error { return b.Labels(&queryv1.SelectRequest{}, to) },
		func(to *client) error { return b.Series(&queryv1.SelectRequest{Match: []string{"up"}}, to) },
		func(to *client) error { return b.MetricNames(&queryv1.SelectRequest{}, to) },
		func(to *client) error { return b.LabelValues(&queryv1.LabelValuesRequest{Label: "__name__"}, to) },
		func(to *client) error { return b.LabelValues(&queryv1.LabelValuesRequest{Label: "job"}, to) },
		func(to *client) error { return b.Labels(&queryv1.SelectRequest{Match: []string{"a", "b"}}, to) },
		func(to *client) error { return b.Labels(&queryv1.SelectRequest{Match: []string{"b", "a"}}, to) },
	} {
		to := demo(t)
		if err := call(to); err != nil || to.cached() != "miss" {
			t.Errorf("got %s, %v", to.cached(), err)
		}
	}
}

func TestBadListings(t *testing.T) {
	const bad = "Invalid request"
	long := strings.Repeat("x", 60)
	for name, tt := range map[string]struct {
		call           func(b *bench, to *client) error
		code           fault.Code
		message, field string
	}{
		"no match": {func(b *bench, to *client) error { return b.Series(&queryv1.SelectRequest{}, to) }, fault.CodeInvalidRequest, "At least one match[] parameter is required", "match[]"},
		"no label": {func(b *bench, to *client) error { return b.LabelValues(&queryv1.LabelValuesRequest{}, to) }, fault.CodeInvalidRequest, "Label name is required", "name"},
		"empty":    {func(b *bench, to *client) error { return b.Labels(&queryv1.SelectRequest{Match: []string{""}}, to) }, fault.CodeInvalidRequest, bad, "match[]"},
		"broken":   {func(b *bench, to *client) error { return b.Labels(&queryv1.SelectRequest{Match: []string{"up{"}}, to) }, fault.CodeQueryInvalid, `Invalid MetricsQL query: unexpected end of query; want "ident"`, "match[]"},
		"long": {func(b *bench, to *client) error {
			return b.Labels(&queryv1.SelectRequest{Match: []string{long, long}}, to)
		}, fault.CodeQueryTooLong, bad, "match[]"},
		"bad start":  {func(b *bench, to *client) error { return b.Labels(&queryv1.SelectRequest{Start: "x"}, to) }, fault.CodeInvalidTime, bad, "start"},
		"reversed":   {func(b *bench, to *client) error { return b.Labels(&queryv1.SelectRequest{Start: "5", End: "4"}, to) }, fault.CodeInvalidTime, bad, "end"},
		"too long":   {func(b *bench, to *client) error { return b.Labels(&queryv1.SelectRequest{Start: "0"}, to) }, fault.CodeQueryTooExpensive, bad, "start"},
		"too many":   {func(b *bench, to *client) error { b.store.answer = many; return b.Labels(nil, to) }, fault.CodeQueryTooExpensive, "Failed to retrieve labels", ""},
		"not usable": {func(b *bench, to *client) error { b.store.answer = broken; return b.Labels(nil, to) }, fault.CodeBackendFailed, "Failed to retrieve labels", ""},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, tt.call(newBench(t), demo(t)), tt.code, tt.message, tt.field)
		})
	}
}

func many(read.Request) (string, error) {
	return `{"status":"success","data":[` + strings.Repeat(`"a",`, 60) + `"b"]}`, nil
}

func broken(read.Request) (string, error) { return `{"status":"success","data":["a"`, nil }

func TestMetadataOfASharedNodeComesFromDefinitions(t *testing.T) {
	b, to := newBench(t), demo(t)
	if err := b.Metadata(&queryv1.MetadataRequest{}, to); err != nil {
		t.Fatal(err)
	}
	want := `{"status":"success","data":{"down_total":[{"type":"counter","help":"","unit":""}],"up":[{"type":"unknown","help":"whether it answers","unit":""}]}}`
	if to.body.String() != want {
		t.Errorf("got %s", to.body.String())
	}
	one := demo(t)
	if err := b.Metadata(&queryv1.MetadataRequest{Metric: `u"p`, Limit: 1}, one); err != nil {
		t.Fatal(err)
	}
	last := b.store.asked[len(b.store.asked)-1]
	if want := (read.LabelValues{Label: "__name__", Select: read.Select{Match: []string{`{__name__="u\"p"}`}}}); !reflect.DeepEqual(last, want) {
		t.Errorf("asked %v", last)
	}
	if data := one.members(t)["data"].(map[string]any); len(data) != 1 {
		t.Errorf("the limit does not hold: %v", data)
	}
}

func TestMetadataOfTheBackEndPasses(t *testing.T) {
	b, to := newBench(t), demo(t)
	const said = `{"up":[{"type":"gauge","help":"h"}]}`
	b.store.answer = func(read.Request) (string, error) { return `{"status":"success","data": ` + said + `}`, nil }
	if err := b.Metadata(&queryv1.MetadataRequest{}, to); err != nil || to.body.String() != `{"status":"success","data":`+said+`}` {
		t.Errorf("got %s, %v", to.body.String(), err)
	}
}
