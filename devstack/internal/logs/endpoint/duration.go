package endpoint

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
)

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
