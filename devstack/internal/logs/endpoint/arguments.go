package endpoint

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
)

// arguments are what every route understands.
type arguments struct {
	ctx    context.Context
	form   *http.Request
	query  *logsql.Query
	source logsql.Source
	end    int64 // unix nanoseconds; of the statistics' answer
	time   int64
}

// arguments reads the tenant, the query with the filters put before it, and
// the window.
func (h *Handler) arguments(r *http.Request) (*arguments, error) {
	tenant, err := ingest.Tenant(r.Header)
	if err != nil {
		return nil, errorf("cannot obtain tenanID: %w", err)
	}
	a := &arguments{form: r, source: logsql.Source{Store: h.store, Tenant: tenant}, time: h.now().UnixNano()}
	a.end = a.time
	if err := a.moment("time", a.time, &a.time); err != nil {
		return nil, err
	}
	now := a.end
	if strings.HasSuffix(r.URL.Path, "/stats_query") {
		now = a.time
	}
	if a.query, err = logsql.Parse(r.FormValue("query"), now); err != nil {
		return nil, err
	}
	if err := a.window(a.end); err != nil {
		return nil, err
	}
	return a, a.extra(now)
}

// moment reads an argument that is a time; absent, to stays what it is.
func (a *arguments) moment(name string, now int64, to *int64) error {
	text := a.form.FormValue(name)
	if text == "" || name == "time" && !strings.Contains(a.form.URL.Path, "/stats_query") {
		return nil
	}
	t, ok := logsql.Moment(text, now)
	if !ok {
		return errorf("cannot parse %s=%s: cannot parse duration %q", name, text, text)
	}
	*to = t
	return nil
}

func (a *arguments) window(now int64) error {
	start, end := int64(math.MinInt64), int64(math.MaxInt64)
	if err := a.moment("start", now, &start); err != nil {
		return err
	}
	if err := a.moment("end", now, &end); err != nil {
		return err
	}
	text := ""
	switch given := end != math.MaxInt64; {
	case start != math.MinInt64 && given:
		text = "_time:[" + logsql.FormatTime(start) + "," + logsql.FormatTime(end) + "]"
	case start != math.MinInt64:
		text = "_time:>=" + logsql.FormatTime(start)
	case given:
		text = "_time:<=" + logsql.FormatTime(end)
	}
	if end != math.MaxInt64 {
		a.end = end
		if a.form.FormValue("time") == "" {
			a.time = end
		}
		if end%int64(time.Second) == 0 { // a whole second is meant as all of it
			end += int64(time.Second) - 1
		}
	}
	a.query.Between(start, end, text)
	return nil
}

// extra puts the filters of extra_filters and extra_stream_filters before the
// query; each that is given counts.
func (a *arguments) extra(now int64) error {
	for _, name := range []string{"extra_filters", "extra_stream_filters"} {
		for _, text := range a.form.Form[name] {
			f, err := extraFilter(text, name == "extra_stream_filters", now)
			if err != nil {
				return err
			}
			if text != "" {
				a.query.And(f)
			}
		}
	}
	return nil
}

func extraFilter(text string, ofStream bool, now int64) (logsql.Filter, error) {
	if !strings.HasPrefix(text, `{"`) {
		if text == "" {
			return logsql.Filter{}, nil
		}
		return logsql.ParseFilter(text, now)
	}
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		return logsql.Filter{}, errorf(`cannot parse JSON: cannot parse object: cannot parse object value: cannot parse empty string; unparsed tail: ""`)
	}
	var all []logsql.Filter
	for field, v := range object {
		var values []string
		switch v := v.(type) {
		case string:
			values = []string{v}
		case []any:
			for _, x := range v {
				s, ok := x.(string)
				if !ok {
					return logsql.Filter{}, errorf("unexpected value for %q in JSON; want a string", field)
				}
				values = append(values, s)
			}
		default:
			return logsql.Filter{}, errorf("unexpected value for %q in JSON; want a string or a list of strings", field)
		}
		all = append(all, logsql.FieldIn(field, values, ofStream))
	}
	return logsql.AllOf(all), nil
}

func (a *arguments) number(name string) (int, error) {
	text := a.form.FormValue(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errorf("cannot parse integer %q=%q: %w", name, text, err)
	}
	return n, nil
}

// flag reads an argument that is on or off.
func (a *arguments) flag(name string) bool {
	switch strings.ToLower(a.form.FormValue(name)) {
	case "", "0", "f", "false", "no":
		return false
	}
	return true
}

// step reads step and offset; a bare number is seconds.
func (a *arguments) step() (step, offset int64, err error) {
	step, ok := seconds(a.form.FormValue("step"), int64(24*time.Hour))
	if !ok {
		return 0, 0, errorf("cannot parse 'step' arg: cannot parse duration %q", a.form.FormValue("step"))
	}
	if step <= 0 {
		return 0, 0, errorf("'step' must be bigger than zero")
	}
	if offset, ok = seconds(a.form.FormValue("offset"), 0); !ok {
		return 0, 0, errorf("cannot parse 'offset' arg: cannot parse duration %q", a.form.FormValue("offset"))
	}
	return step, offset, nil
}

func seconds(text string, absent int64) (int64, bool) {
	if text == "" {
		return absent, true
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) < 1e9 {
		return int64(f * 1e9), true
	}
	return logsql.Duration(text)
}

// leastTimeout is what a shorter one counts as, so that tests of it are not a
// matter of luck.
const leastTimeout = 5 * time.Second

// deadline bounds the context by the timeout argument; a bad one is ignored.
func (a *arguments) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	d, ok := seconds(a.form.FormValue("timeout"), 0)
	if !ok || d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, max(time.Duration(d), leastTimeout))
}
