package metrics

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/metricsql"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/engine"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

const (
	defaultStep = 5 * 60 * 1000
	maxStep     = 3153600000000
	maxForm     = 32 << 20
)

// args reads the arguments of a request; the first problem stays in err.
type args struct {
	r   *http.Request
	now time.Time
	err error
}

func (s *Server) args(r *http.Request) *args {
	// A broken form counts as far as it could be read.
	_ = r.ParseMultipartForm(maxForm)
	return &args{r: r, now: s.opts.Now()}
}

func (a *args) get(name string) string { return a.r.Form.Get(name) }

func (a *args) fail(err error) {
	if a.err == nil && err != nil {
		a.err = err
	}
}

// time reads an instant in Unix milliseconds.
func (a *args) time(name string, otherwise int64) int64 {
	text := a.get(name)
	if text == "" {
		return otherwise
	}
	ms, err := parseTime(text, a.now)
	if err != nil {
		a.fail(fmt.Errorf("cannot parse %s=%s: %w", name, text, err))
	}
	return ms
}

// step reads the step in milliseconds.
func (a *args) step() int64 {
	text := a.get("step")
	if text == "" {
		return defaultStep
	}
	ms, err := parseDuration(text)
	switch {
	case err != nil:
		a.fail(fmt.Errorf("cannot parse \"step\"=%q: %w", text, err))
	case ms < 1 || ms > maxStep:
		a.fail(fmt.Errorf("step=%dms is out of allowed range [1ms ... %dms]", ms, int64(maxStep)))
	}
	return ms
}

// limit reads a count; 0 means none.
func (a *args) limit(name string) int {
	text := a.get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		a.fail(fmt.Errorf("cannot parse integer %q=%q: %w", name, text, err))
	}
	return n
}

// matches reads match[] arguments; nil when there are none.
func (a *args) matches() store.Selector {
	var out store.Selector
	for _, text := range a.r.Form["match[]"] {
		sel, err := engine.ParseSelector(text)
		if err != nil {
			a.fail(fmt.Errorf("cannot parse matches[]=%s: %w", text, err))
		}
		out = append(out, sel...)
	}
	return out
}

func parseDuration(text string) (int64, error) {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return int64(f * 1e3), nil
	}
	ms, err := metricsql.DurationValue(text, 0)
	if err != nil {
		return 0, fmt.Errorf("cannot parse duration %q", text)
	}
	return ms, nil
}
