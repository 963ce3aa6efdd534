package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const badStart = "2026-11-20T11:00:00Z"

// incident is a back end in whose bad window version v2 fails half its calls.
func incident(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	q, bad := r.Form.Get("query"), r.Form.Get("start") == badStart
	if strings.HasSuffix(r.URL.Path, "/field_names") {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"values":[{"value":"_time","hits":1},{"value":"_msg","hits":1},{"value":"version","hits":1},{"value":"host","hits":1},{"value":"trace_id","hits":1}]}`)
		return
	}
	w.Header().Set("Content-Type", "application/stream+json")
	row := func(pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			fmt.Fprintf(w, `%s%q:%q`, map[bool]string{true: "{", false: ","}[i == 0], pairs[i], pairs[i+1])
		}
		fmt.Fprint(w, "}\n")
	}
	switch {
	case strings.Contains(q, "| stats count() as total"):
		row("total", "1000", "m0", "0", "u0", "2", "m1", "0", "u1", "2", "m2", "0", "u2", "990")
		if bad {
			return
		}
	case strings.Contains(q, `by ("version")`) && bad:
		row("version", "v1", "_hits", "700")
		row("version", "v2", "_hits", "300")
	case strings.Contains(q, `by ("version")`):
		row("version", "v1", "_hits", "990")
		row("version", "", "_hits", "10")
	case strings.Contains(q, `by ("host")`):
		row("host", "a", "_hits", "500")
		row("host", "b", "_hits", "500")
	case strings.Contains(q, `by ("trace_id")`):
		row("trace_id", fmt.Sprint(bad), "_hits", "1")
	case strings.Contains(q, "| fields "):
		for i := range 1000 {
			if bad && i < 150 {
				row("_time", badStart, "_msg", fmt.Sprintf("order %d failed", i))
			} else {
				row("_time", badStart, "_msg", fmt.Sprintf("order %d paid", i))
			}
		}
	}
}

func TestDifferences(t *testing.T) {
	s := onBackend(t, incident)
	out, err := s.Differences(caller(t.Context()), &logsv1.DifferencesRequest{BadStart: badStart, BadEnd: "2026-11-20T11:10:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	d := out.GetData()
	if d.GetBadRows() != 1000 || d.GetGoodRows() != 1000 || d.GetGoodStart() != "2026-11-20T10:50:00Z" || d.GetGoodEnd() != "2026-11-20T10:59:59.999999999Z" {
		t.Errorf("%v", d)
	}
	got := ""
	for _, x := range d.GetDifferences() {
		got += fmt.Sprintf("%s=%s %s %g/%g; ", x.GetField(), x.GetValue(), x.GetKind(), x.GetBadShare(), x.GetGoodShare())
	}
	want := "version=v2 appeared 0.3/0; _pattern=order <num> failed appeared 0.15/0; version=v1 less 0.7/0.99; _pattern=order <num> paid less 0.85/1; "
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDifferencesOfNamedFields(t *testing.T) {
	s := onBackend(t, incident)
	cases := []struct {
		name   string
		fields []string
		limit  int32
		want   int
	}{
		{"one", []string{"version"}, 0, 2},
		{"a list", []string{"host,version"}, 1, 1},
		{"patterns", []string{"_pattern"}, 0, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := s.Differences(caller(t.Context()), &logsv1.DifferencesRequest{BadStart: badStart, BadEnd: "2026-11-20T11:10:00Z",
				GoodStart: "2026-11-20T09:00:00Z", GoodEnd: "2026-11-20T10:00:00Z", Fields: c.fields, Limit: c.limit})
			if err != nil || len(out.GetData().GetDifferences()) != c.want || out.GetData().GetGoodStart() != "2026-11-20T09:00:00Z" {
				t.Errorf("%v, %v", out, err)
			}
		})
	}
}

func TestFieldsWithTooManyValuesAreSkipped(t *testing.T) {
	s := onBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Query().Get("query"), "top ") {
			t.Error("the values were counted")
		}
		w.Header().Set("Content-Type", "application/stream+json")
		fmt.Fprint(w, `{"total":"5000","m0":"0","u0":"1001"}`+"\n")
	})
	out, err := s.Differences(caller(t.Context()), &logsv1.DifferencesRequest{BadStart: badStart, BadEnd: "2026-11-20T11:10:00Z", Fields: []string{"trace_id"}})
	if err != nil || fmt.Sprint(out.GetData().GetSkipped()) != "[trace_id]" {
		t.Errorf("%v, %v", out, err)
	}
}

func TestDifferencesRefused(t *testing.T) {
	s := onBackend(t, func(http.ResponseWriter, *http.Request) { t.Error("the back end was asked") })
	cases := []struct {
		name string
		in   *logsv1.DifferencesRequest
		want fault.Code
	}{
		{"no window", &logsv1.DifferencesRequest{}, fault.CodeInvalidRequest},
		{"half a window", &logsv1.DifferencesRequest{BadStart: badStart}, fault.CodeInvalidRequest},
		{"backwards", &logsv1.DifferencesRequest{BadStart: badStart, BadEnd: "2026-11-20T10:00:00Z"}, fault.CodeInvalidTime},
		{"not a time", &logsv1.DifferencesRequest{BadStart: badStart, BadEnd: "soon"}, fault.CodeInvalidTime},
		{"too long", &logsv1.DifferencesRequest{BadStart: "2001-01-01", BadEnd: badStart}, fault.CodeQueryTooExpensive},
		{"good backwards", &logsv1.DifferencesRequest{BadStart: badStart, BadEnd: "now", GoodStart: "now"}, fault.CodeInvalidTime},
		{"pipe", &logsv1.DifferencesRequest{Query: "* | uniq by (a)", BadStart: badStart, BadEnd: "now"}, fault.CodeQueryInvalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Differences(caller(t.Context()), c.in)
			if f := fault.From(err); f == nil || f.Code != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
