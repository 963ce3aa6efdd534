package timeparam

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func TestParseTime(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10:00:00.5Z", "2026-11-20T10:00:00.5Z"},
		{"2026-11-20T10:00:00.123456789+05:30", "2026-11-20T04:30:00.123456789Z"},
		{"2026-11-20T11:00:00+01:00", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10:00:00", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10:00Z", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10:00", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10", "2026-11-20T10:00:00Z"},
		{"2026-11-20T10:00-02:00", "2026-11-20T12:00:00Z"},
		{"2026-11-20", "2026-11-20T00:00:00Z"},
		{"2026-11-20Z", "2026-11-20T00:00:00Z"},
		{"2026-11", "2026-11-01T00:00:00Z"},
		{"2026", "2026-01-01T00:00:00Z"},
		{"0", "1970-01-01T00:00:00Z"},
		{"90", "1970-01-01T00:01:30Z"},
		{"1795170600", "2026-11-20T10:30:00Z"},
		{"1795170600.", "2026-11-20T10:30:00Z"},
		{"1795170600.123", "2026-11-20T10:30:00.123Z"},
		{"1.7951706e9", "2026-11-20T10:30:00Z"},
		{"1795170600000", "2026-11-20T10:30:00Z"},
		{"1795170600001.5", "2026-11-20T10:30:00.0015Z"},
		{"1795170600000001", "2026-11-20T10:30:00.000001Z"},
		{"1795170600000000001", "2026-11-20T10:30:00.000000001Z"},
		{"4102444800", "2100-01-01T00:00:00Z"},
		{"now", "2026-11-22T12:00:00Z"},
		{"now-1h", "2026-11-22T11:00:00Z"},
		{"now-1h30m", "2026-11-22T10:30:00Z"},
		{"now-2d", "2026-11-20T12:00:00Z"},
		{"now-5", "2026-11-22T11:59:55Z"},
		{"-1h", "2026-11-22T11:00:00Z"},
		{"1h", "2026-11-22T11:00:00Z"},
		{"1.5h", "2026-11-22T10:30:00Z"},
		{"1y", "2025-11-22T12:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := ParseTime(tt.in, noon())
			if err != nil {
				t.Fatal(err)
			}
			if s := got.Format(time.RFC3339Nano); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}

func TestParseTimeRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "yesterday", "nowhere", "now+1h", "now-", "-", "--1h", "now--1h", "h", "ms",
		"2026-13-01", "2026-02-30", "2026-1-1", "2026-11-20 10:00:00", "2026-11-20t10:00:00z",
		"2026-11-20T10:00.5", "2026-11-20T25:00:00Z", "2026-11-20T10:00:00+99:00", "+01:00", "Z",
		" 1795170600", "1795170600 ", "+5", "0x10", "1_000", "inf", "nan", "1e", "1e+", "1e99", "9e18e1",
		"99999999999999999999", ".5", "1.2.3", "5M", "5i", "1us", "1h-5m", "now-400y", "१२३",
	} {
		t.Run(in, func(t *testing.T) {
			if got, err := ParseTime(in, noon()); err == nil {
				t.Errorf("%q was read as %s", in, got)
			}
		})
	}
}

func TestParseDuration(t *testing.T) {
	tests := []struct {
		in   string
		want time.Duration
	}{
		{"90s", 90 * time.Second}, {"5m", 5 * time.Minute}, {"1h30m", 90 * time.Minute},
		{"1d", 24 * time.Hour}, {"1w", 168 * time.Hour}, {"1y", 8760 * time.Hour},
		{"15", 15 * time.Second}, {"0.5", 500 * time.Millisecond}, {"1e3", 1000 * time.Second},
		{"300ms", 300 * time.Millisecond}, {"1m5ms", time.Minute + 5*time.Millisecond},
		{"1.5h", 90 * time.Minute}, {"1.h", time.Hour}, {"0", 0}, {"0s", 0},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			if got, err := ParseDuration(tt.in); err != nil || got != tt.want {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for _, in := range []string{
		"", "soon", "-1m", "+60", "1h-5m", "5m30", "1 m", " 60", "1M", "1H", "1i", "1us", "1ns", "1µs",
		"0x10", "1_0", "inf", "nan", ".5h", "..s", "s", "300y", "200y200y", "1e99",
	} {
		t.Run(in, func(t *testing.T) {
			if got, err := ParseDuration(in); err == nil {
				t.Errorf("%q was read as %s", in, got)
			}
		})
	}
}

func TestFaultsNameTheField(t *testing.T) {
	_, timeErr := Time("/start", "yesterday"+strings.Repeat("x", 500), noon())
	_, durationErr := Duration("step", "often")
	for field, err := range map[string]error{"/start": timeErr, "step": durationErr} {
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.CodeInvalidTime {
			t.Fatalf("%s: got %v, want an invalid time", field, err)
		}
		if len(f.Fields) != 1 || f.Fields[0].Pointer != field || len(f.Fields[0].Detail) > 250 {
			t.Errorf("%s: got fields %v", field, f.Fields)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, seed := range []string{"now-1h", "2026-11-20T10:00:00.5+01:00", "1795170600.5", "1.7e9", "1h", "-", "+01:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s, noon())
		if err != nil {
			return
		}
		again, err := ParseTime(got.Format(time.RFC3339Nano), noon())
		if err != nil || !again.Equal(got) {
			t.Errorf("%q: %s does not read back: %s, %v", s, got, again, err)
		}
	})
}

func FuzzDuration(f *testing.F) {
	for _, seed := range []string{"1h30m", "90", "1.5h", "5ms", "1e3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDuration(s); err == nil && d < 0 {
			t.Errorf("%q: negative %s", s, d)
		}
	})
}
