package cost

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func limits() Limits {
	return Limits{Points: 11_000, Range: 400 * day, Text: 20, Series: 5, Concurrent: 2}
}

func span(d, step time.Duration) Range {
	start := time.Unix(1795168800, 0)
	return Range{Start: start, End: start.Add(d), Step: step}
}

func TestCheckRange(t *testing.T) {
	tests := []struct {
		name   string
		r      Range
		code   fault.Code
		detail string
	}{
		{"fits", span(time.Hour, time.Minute), "", ""},
		{"exactly the limit", span(10_999*time.Second, time.Second), "", ""},
		{"one too many", span(11_000*time.Second, time.Second), fault.CodeQueryTooExpensive, "11001 points"},
		{"a month of seconds", span(30*day, time.Second), fault.CodeQueryTooExpensive, "2592001 points"},
		{"reversed", span(-time.Second, time.Second), fault.CodeInvalidTime, ""},
		{"step zero", span(time.Hour, 0), fault.CodeInvalidTime, ""},
		{"step too small", span(time.Second, time.Microsecond), fault.CodeInvalidTime, ""},
		{"too long", span(401*day, week), fault.CodeQueryTooExpensive, "401d"},
		{"no range", span(0, time.Second), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := limits().CheckRange("message", tt.r)
			if tt.code == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != tt.code || f.Message != "message" || len(f.Fields) != 1 {
				t.Fatalf("got %#v", err)
			}
			if !strings.Contains(f.Detail, tt.detail) {
				t.Errorf("got detail %q", f.Detail)
			}
		})
	}
}

func TestTooManyPointsNamesAStepThatFits(t *testing.T) {
	f := fault.From(limits().CheckRange("m", span(30*day, time.Second)))
	if f.Extra["suggested_step"] != "5m" || f.Extra["points"] != 2592001.0 || f.Extra["max_points"] != 11000.0 {
		t.Errorf("got extra %v", f.Extra)
	}
	if len(f.Suggestions) != 1 || !strings.Contains(f.Suggestions[0], "5m") {
		t.Errorf("got suggestions %v", f.Suggestions)
	}
}

func TestFitAlwaysFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Limits{Points: rapid.IntRange(2, 20_000).Draw(t, "points")}
		r := span(time.Duration(rapid.Int64Range(0, int64(200*365*day)).Draw(t, "range")), time.Millisecond)
		r.Step = l.Fit(r)
		if r.Points() > float64(l.Points) {
			t.Fatalf("%v with step %v has %v points", r.End.Sub(r.Start), r.Step, r.Points())
		}
	})
}

func TestCheckText(t *testing.T) {
	for text, code := range map[string]fault.Code{
		"": fault.CodeInvalidRequest, "up": "", strings.Repeat("x", 20): "", strings.Repeat("x", 21): fault.CodeQueryTooLong,
	} {
		var got fault.Code
		if f := fault.From(limits().CheckText("m", "/query", text)); f != nil {
			got = f.Code
		}
		if got != code {
			t.Errorf("%q: got %q, want %q", text, got, code)
		}
	}
}

func TestCheckWindow(t *testing.T) {
	now := time.Unix(1795168800, 0)
	if err := limits().CheckWindow("m", now, now); err != nil {
		t.Errorf("an empty window: %v", err)
	}
	if err := limits().CheckWindow("m", now, now.Add(-1)); !errors.Is(err, fault.New(fault.CodeInvalidTime, "")) {
		t.Errorf("a reversed window: %v", err)
	}
	if err := limits().CheckWindow("m", now, now.Add(401*day)); !errors.Is(err, fault.New(fault.CodeQueryTooExpensive, "")) {
		t.Errorf("a long window: %v", err)
	}
}

func TestStep(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 90 * time.Second: "1m30s", 90 * time.Minute: "1h30m", 2 * week: "14d", 5 * time.Millisecond: "5ms",
	} {
		if got := Step(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
