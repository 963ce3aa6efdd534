package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// logged answers with rows of an order service, by the hour of the window's end.
func logged(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if !strings.Contains(q.Get("query"), `| fields "_time", "_msg", "service"`) || q.Get("limit") != "50000" {
			t.Errorf("asked %v", q)
		}
		w.Header().Set("Content-Type", "application/stream+json")
		line := func(at, msg, level string) {
			fmt.Fprintf(w, `{"_time":%q,"_msg":%q,"service":"shop","level":%q}`+"\n", at, msg, level)
		}
		if q.Get("start") < "2026-11-20T11:00:00Z" {
			line("2026-11-20T10:30:00Z", "order 0 paid", "info")
			return
		}
		line("2026-11-20T11:45:00Z", "order 3 paid", "info")
		line("2026-11-20T11:40:00Z", "order 2 paid", "info")
		line("2026-11-20T11:50:00Z", "order 2 refused: no stock", "error")
		line("2026-11-20T11:10:00Z", "cache cleared", "info")
	}
}

func TestPatterns(t *testing.T) {
	s := onBackend(t, logged(t))
	out, err := s.Patterns(caller(t.Context()), &logsv1.PatternsRequest{Since: "2026-11-20T11:15:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*logsv1.Pattern{}
	for _, p := range out.GetData().GetPatterns() {
		got[p.GetTemplate()] = p
	}
	paid, refused, cleared := got["order <num> paid"], got["order <num> refused: no stock"], got["cache cleared"]
	if len(got) != 3 || out.GetData().GetRows() != 4 || out.GetData().GetSampled() {
		t.Fatalf("%v", out)
	}
	if paid.GetCount() != 2 || paid.GetNew() || paid.GetFirstSeen() != "2026-11-20T11:40:00Z" || paid.GetLastSeen() != "2026-11-20T11:45:00Z" ||
		paid.GetSample() != "order 3 paid" || paid.GetServices()[0].GetKey() != "shop" || paid.GetLevels()[0].GetCount() != 2 {
		t.Errorf("paid: %v", paid)
	}
	if !refused.GetNew() || cleared.GetNew() {
		t.Errorf("refused: %v, cleared: %v", refused, cleared)
	}
	if got := out.GetData().GetPatterns()[0].GetTemplate(); got != "order <num> paid" {
		t.Errorf("first is %q", got)
	}
}

func TestPatternsAreSampled(t *testing.T) {
	s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		for i := range maxMined {
			fmt.Fprintf(w, `{"_time":"2026-11-20T11:45:00Z","_msg":"order %d paid by w%dx"}`+"\n", i, i%3)
		}
	})
	out, err := s.Patterns(caller(t.Context()), &logsv1.PatternsRequest{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	d := out.GetData()
	if !d.GetSampled() || d.GetRows() != maxMined || len(d.GetPatterns()) != 1 || d.GetPatterns()[0].GetCount() != maxMined || d.GetPatterns()[0].GetNew() {
		t.Errorf("%v", d)
	}
}

func TestPatternsRefused(t *testing.T) {
	s := onBackend(t, func(http.ResponseWriter, *http.Request) { t.Error("the back end was asked") })
	cases := []struct {
		name string
		in   *logsv1.PatternsRequest
		want fault.Code
	}{
		{"stats", &logsv1.PatternsRequest{Query: "* | stats count()"}, fault.CodeQueryInvalid},
		{"guard", &logsv1.PatternsRequest{Query: "(a"}, fault.CodeQueryInvalid},
		{"limit", &logsv1.PatternsRequest{Limit: 501}, fault.CodeInvalidRequest},
		{"less than nothing", &logsv1.PatternsRequest{Limit: -1}, fault.CodeInvalidRequest},
		{"start", &logsv1.PatternsRequest{Start: "soon"}, fault.CodeInvalidTime},
		{"since", &logsv1.PatternsRequest{Since: "soon"}, fault.CodeInvalidTime},
		{"since after the end", &logsv1.PatternsRequest{Since: "2026-11-21"}, fault.CodeInvalidTime},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Patterns(caller(t.Context()), c.in)
			if f := fault.From(err); f == nil || f.Code != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
