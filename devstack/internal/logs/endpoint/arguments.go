package endpoint

import (
	"context"
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
