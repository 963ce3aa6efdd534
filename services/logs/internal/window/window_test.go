package window

import (
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 500, time.UTC)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, start, end string
		rules            Rules
		want             Window
		code             fault.Code
		field            string
	}{
		{name: "nothing", want: Window{now.Add(-Day), now}},
		{name: "own length and end", rules: Rules{Length: time.Hour, End: now.Add(-3 * time.Second)},
			want: Window{now.Add(-3*time.Second - time.Hour), now.Add(-3 * time.Second)}},
		{name: "milliseconds", start: "1795168800000", end: "1795168800250",
			want: Window{at("2026-11-20T10:00:00Z"), at("2026-11-20T10:00:00.25Z")}},
		{name: "an end in whole seconds covers its second", start: "2026-11-20T10:00:00Z", end: "2026-11-20T11:00:00Z",
			want: Window{at("2026-11-20T10:00:00Z"), at("2026-11-20T11:00:00.999999999Z")}},
		{name: "start before the end", end: "1795168800.5", want: Window{at("2026-11-19T10:00:00.5Z"), at("2026-11-20T10:00:00.5Z")}},
		{name: "bad start", start: "yesterday", code: fault.CodeInvalidTime, field: "start"},
		{name: "bad end", end: "soon", rules: Rules{Prefix: "/"}, code: fault.CodeInvalidTime, field: "/end"},
		{name: "backwards", start: "now", end: "now-1h", code: fault.CodeInvalidTime, field: "start"},
		{name: "too long", start: "now-3h", rules: Rules{Longest: time.Hour}, code: fault.CodeQueryTooExpensive, field: "start"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.start, tt.end, now, tt.rules)
			if f := fault.From(err); tt.code != "" {
				if f == nil || f.Code != tt.code || f.Fields[0].Pointer != tt.field {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || !got.Start.Equal(tt.want.Start) || !got.End.Equal(tt.want.End) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestClip(t *testing.T) {
	long := Window{now.Add(-3 * Day), now}
	if w, cut := long.Clip(Day); !cut || w.Length() != Day || !w.End.Equal(now) {
		t.Errorf("got %v, %v", w, cut)
	}
	if w, cut := (Window{now.Add(-Day), now}).Clip(Day); cut || w.Length() != Day {
		t.Errorf("got %v, %v", w, cut)
	}
}
