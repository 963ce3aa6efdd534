package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake answers selections from memory.
type fake []store.Series

func (f fake) Select(_ context.Context, sel store.Selector, from, to int64) (out []store.Series, err error) {
	for _, s := range f {
		if matches(sel, s.Labels) {
			if cut := clip(s, from, to); len(cut.T) > 0 {
				out = append(out, cut)
			}
		}
	}
	return out, nil
}

func matches(sel store.Selector, l labels.Labels) bool {
	for _, group := range sel {
		all := true
		for _, m := range group {
			all = all && m.Matches(l.Get(m.Name))
		}
		if all {
			return true
		}
	}
	return false
}

func clip(s store.Series, from, to int64) store.Series {
	out := store.Series{Labels: s.Labels}
	for i, t := range s.T {
		if t >= from && t <= to {
			out.T, out.V = append(out.T, t), append(out.V, s.V[i])
		}
	}
	return out
}

// every makes a series with a value every ten seconds from second 0 on; "_"
// is a gap.
func every(name, host, values string) store.Series {
	s := store.Series{Labels: labels.FromStrings(model.MetricNameLabel, name, "host", host)}
	for i, text := range strings.Fields(values) {
		var v float64
		if _, err := fmt.Sscan(text, &v); err == nil {
			s.T, s.V = append(s.T, int64(i)*10000), append(s.V, v)
		}
	}
	return s
}

var world = fake{
	every("load", "a", "1 2 3 4 5 6 7 8 9 10 11 12 13"),
	every("load", "b", "5 5 _ _ _ _ _ _ 5 5 5 5 5"),
	every("requests", "a", "100 110 120 130 140 5 15 25 35 45 55 65 75"),
}

func ask(t *testing.T, query string, r Request) (Answer, error) {
	t.Helper()
	e := New(slog.New(slog.DiscardHandler), func() time.Time { return time.Unix(1000, 0) })
	r.Query, r.Source = query, world
	return e.Query(t.Context(), r)
}

// show prints an answer as "labels value@second ..." lines.
func show(a Answer) string {
	var lines []string
	for _, s := range a.Series {
		line := s.Labels.String()
		for i, t := range s.T {
			line += fmt.Sprintf(" %.4g@%d", s.V[i], t/1000)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestQuery(t *testing.T) {
	instant := Request{Start: 120000, End: 120000, Step: 300000}
	ranged := Request{Start: 0, End: 60000, Step: 20000}
	tests := []struct {
		query string
		r     Request
		want  string
	}{
		{`load{host="a"}`, instant, `{__name__="load", host="a"} 13@120`},
		{`load{host="b"}`, ranged, `{__name__="load", host="b"} 5@0 5@20`},
		{`increase(requests[1m])`, instant, `{host="a"} 60@120`},
		{`increase(requests[2m])`, instant, `{host="a"} 115@120`},
		{`rate(requests[1m])`, instant, `{host="a"} 1@120`},
		{`rate(requests)`, ranged, `{host="a"} 1@20 1@40 0.75@60`},
		{`max_over_time(load{host="a"}[1m])`, instant, `{__name__="load", host="a"} 13@120`},
		{`max_over_time(rate(requests[20s])[1m:20s])`, instant, `{host="a"} 1@120`},
		{`sum(load)`, instant, `{} 18@120`},
		{`load{host="a"} offset 1m`, instant, `{__name__="load", host="a"} 7@120`},
		{`load{host="a"} @ 30`, ranged, `{__name__="load", host="a"} 4@0 4@20 4@40 4@60`},
		{`load{host="b"} default 9`, ranged, `{__name__="load", host="b"} 5@0 5@20 9@40 9@60`},
		{`load{host="a"} ifnot load{host="a"} > 3`, ranged, `{__name__="load", host="a"} 1@0 3@20`},
		{`load{host="a"} if (load{host="a"} > 3)`, ranged, `{__name__="load", host="a"} 5@40 7@60`},
		{`(load{host="b"}, load)`, instant, "{__name__=\"load\", host=\"a\"} 13@120\n{__name__=\"load\", host=\"b\"} 5@120"},
		{`{__name__="load",host="b" or __name__="requests"}`, instant, "{__name__=\"load\", host=\"b\"} 5@120\n{__name__=\"requests\", host=\"a\"} 75@120"},
		{`sort_desc(load)`, instant, "{__name__=\"load\", host=\"a\"} 13@120\n{__name__=\"load\", host=\"b\"} 5@120"},
		{`sort(load)`, instant, "{__name__=\"load\", host=\"b\"} 5@120\n{__name__=\"load\", host=\"a\"} 13@120"},
		{`absent(nothing{a="b"})`, instant, `{a="b"} 1@120`},
		{`absent_over_time(nothing{a="b"}[1m])`, instant, `{a="b"} 1@120`},
		{`42`, ranged, `{} 42@0 42@20 42@40 42@60`},
		{`1 < 2`, instant, `{} 1@120`},
		{`time() > 100`, instant, `{} 120@120`},
		{`abs(-3)`, instant, `{} 3@120`},
		{`now() - end()`, instant, `{} 880@120`},
		{`"text"`, instant, ``},
		{`{}`, instant, ``},
		{`0/0`, instant, ``},
		{`label_set(load{host="a"}, "x", "y", "host", "")`, instant, `{__name__="load", x="y"} 13@120`},
		{`clamp_max(load, 6)`, instant, "{__name__=\"load\", host=\"a\"} 6@120\n{__name__=\"load\", host=\"b\"} 5@120"},
		{`median(load)`, instant, `{} 9@120`},
		{`sum2(load)`, instant, `{} 194@120`},
		{`sum({"load"}) by ("host")`, instant, "{host=\"a\"} 13@120\n{host=\"b\"} 5@120"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			got, err := ask(t, tt.query, tt.r)
			if err != nil {
				t.Fatal(err)
			}
			if show(got) != tt.want {
				t.Errorf("got\n%s\nwant\n%s", show(got), tt.want)
			}
		})
	}
}

func TestFiltersHoldForEverySelector(t *testing.T) {
	only, err := ParseSelector(`{host="b"}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{`sum(load) by (host)`, `max_over_time(sum(load) by (host)[1m:10s])`, `{host="a" or host="b"}`, `load or requests`, `label_set(load, "x", "y")`} {
		got, err := ask(t, query, Request{Start: 120000, End: 120000, Step: 300000, Filters: only})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Series) != 1 || got.Series[0].Labels.Get("host") != "b" {
			t.Errorf("%s: %s", query, show(got))
		}
	}
}

func TestErrors(t *testing.T) {
	for query, want := range map[string]string{
		`sum(`:                          "parse",
		`load{`:                         "parse",
		`nosuch(load)`:                  "parse",
		`rate()`:                        "eval: expecting at least 1 args",
		`label_replace(load)`:           "eval: cannot evaluate \"label_replace(load)\"",
		`load * on(x) requests`:         "eval: cannot evaluate \"load * on(x) requests\": duplicate time series on the left side of * on(x)",
		`zscore(load)`:                  "eval: the stand-in does not know",
		`zscore_over_time(load[1m])`:    "eval: the stand-in does not know",
		`range_avg(load)`:               "eval: the stand-in does not know",
		`abs(load) keep_metric_names`:   "eval: the stand-in does not know",
		`quantile_over_time(load[1m])`:  "eval: expecting at least 2 args",
		`label_del(load, "host")`:       "eval: duplicate output timeseries",
		`predict_linear(load[1m])`:      "eval: unexpected number of args",
		`histogram_quantiles("p", 0.5)`: "eval: cannot evaluate",
	} {
		_, err := ask(t, query, Request{Start: 120000, End: 120000, Step: 300000})
		var parse *ParseError
		var eval *EvalError
		got := fmt.Sprint(err)
		if errors.As(err, &parse) {
			got = "parse: " + got
		} else if errors.As(err, &eval) {
			got = "eval: " + got
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s; want %s...", query, got, want)
		}
	}
}

func TestCanceledContextEndsAQuery(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := New(slog.New(slog.DiscardHandler), time.Now)
	_, err := e.Query(ctx, Request{Query: "sum(load)", Source: world, Step: 1000})
	if err == nil || !strings.Contains(err.Error(), "cancel") {
		t.Errorf("%v", err)
	}
}

// FuzzQuery finds texts that the parser takes and the evaluation breaks on.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{`sum(rate(load[5m])) by (host)`, `load default 1 if 2`, `(load,load)`, `load @ start() offset 1i`, `max_over_time((load)[1m:1s])`, `1 > bool 2 ^ time()`, `topk(load, load)`} {
		f.Add(q)
	}
	e := New(slog.New(slog.DiscardHandler), func() time.Time { return time.Unix(1000, 0) })
	f.Fuzz(func(t *testing.T, q string) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		a, err := e.Query(ctx, Request{Query: q, Source: world, Start: 0, End: 100000, Step: 10000})
		for _, s := range a.Series {
			if err == nil && (len(s.T) == 0 || len(s.T) != len(s.V)) {
				t.Errorf("%q: %d times, %d values", q, len(s.T), len(s.V))
			}
		}
	})
}
