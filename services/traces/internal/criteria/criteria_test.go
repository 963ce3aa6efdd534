package criteria

import (
	"maps"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func reader() Reader {
	return Reader{Message: "Invalid trace search request", In: "/", Default: 24 * time.Hour, MaxRange: 31 * 24 * time.Hour, Now: noon()}
}

func TestSearch(t *testing.T) {
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, tt := range map[string]struct {
		in   Search
		want Criteria
	}{
		"nothing": {Search{}, Criteria{Window: Window{at("2026-11-21T12:00:00Z"), noon()}, Limit: 20}},
		"seconds": {Search{Start: "1795168800", End: "1795172400", Limit: 5},
			Criteria{Window: Window{at("2026-11-20T10:00:00Z"), at("2026-11-20T11:00:00Z")}, Limit: 5}},
		"milliseconds": {Search{Start: "1795168800001", End: "1795172400000", Limit: 1000},
			Criteria{Window: Window{at("2026-11-20T10:00:00.001Z"), at("2026-11-20T11:00:00Z")}, Limit: 1000}},
		"microseconds": {Search{Start: "1795168800000001", End: "1795172400000000", Limit: -1},
			Criteria{Window: Window{at("2026-11-20T10:00:00.000001Z"), at("2026-11-20T11:00:00Z")}, Limit: 20}},
		"words": {Search{Start: "now-1h", End: "now", Limit: 1001},
			Criteria{Window: Window{at("2026-11-22T11:00:00Z"), noon()}, Limit: 20}},
		"text": {Search{Start: "2026-11-20T10:00:00.5+01:00", End: "2026-11-20T10:00:00Z"},
			Criteria{Window: Window{at("2026-11-20T09:00:00.5Z"), at("2026-11-20T10:00:00Z")}, Limit: 20}},
		"durations": {Search{MinDuration: "1.5ms", MaxDuration: "1d"},
			Criteria{Window: Window{at("2026-11-21T12:00:00Z"), noon()}, Limit: 20, MinDuration: 1500 * time.Microsecond, MaxDuration: 24 * time.Hour}},
		"tiny": {Search{MinDuration: "100us", MaxDuration: "0"},
			Criteria{Window: Window{at("2026-11-21T12:00:00Z"), noon()}, Limit: 20, MinDuration: 100 * time.Microsecond}},
	} {
		got, err := reader().Search(tt.in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !got.Start.Equal(tt.want.Start) || !got.End.Equal(tt.want.End) || got.Limit != tt.want.Limit ||
			got.MinDuration != tt.want.MinDuration || got.MaxDuration != tt.want.MaxDuration {
			t.Errorf("%s: got %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestSearchRefuses(t *testing.T) {
	for field, list := range map[string][]Search{
		"/service":     {{Service: strings.Repeat("s", 1025)}},
		"/operation":   {{Operation: strings.Repeat("s", 1025)}},
		"/start":       {{Start: "yesterday"}, {Start: "2026-01-01T00:00:00Z"}, {Start: "now", End: "now-1h"}, {Start: "1e400"}},
		"/end":         {{End: "x"}, {End: "9999-01-01T00:00:00Z"}},
		"/minDuration": {{MinDuration: "500"}, {MinDuration: "long"}, {MinDuration: "-1s"}, {MinDuration: "2s", MaxDuration: "1s"}},
		"/maxDuration": {{MaxDuration: "5"}},
		"/tags": {{Tags: "{broken"}, {Tags: `{"a":{}}`}, {Tags: `{"a":null}`}, {Tags: `{"a":"b"}}`}, {Tags: `{"":"b"}`}, {Tags: "a"},
			{Tags: "a=b c"}, {Tags: `a="b`}, {Tags: `a="b"c`}, {Tags: "=b"}, {Tags: strings.Repeat("x", 17_000)}, {Tags: many(33)}},
	} {
		for _, s := range list {
			_, err := reader().Search(s)
			f := fault.From(err)
			if f == nil || f.Message != "Invalid trace search request" || len(f.Fields) != 1 || f.Fields[0].Pointer != field {
				t.Errorf("%+v: got %v", s, err)
			}
		}
	}
}

func many(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString("k" + strings.Repeat("x", i) + "=v ")
	}
	return out.String()
}

func TestTags(t *testing.T) {
	for text, want := range map[string]map[string]string{
		``: {},
		` {"http.status_code": 500, "error": true, "a":"b \"c\"", "big": 9007199254740993} `: {"http.status_code": "500", "error": "true", "a": `b "c"`, "big": "9007199254740993"},
		`error=true http.method=GET`:          {"error": "true", "http.method": "GET"},
		"a=\"b c\"\tb=\"x\\\"y\\\\\"  c= d=z": {"a": "b c", "b": `x"y\`, "c": "", "d": "z"},
		`q=a=b`:                               {"q": "a=b"},
		`{}`:                                  {},
	} {
		got, err := reader().tags(text, nil)
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
}

func FuzzTags(f *testing.F) {
	f.Add(`{"a":"b"}`)
	f.Add(`a="b c" d=e`)
	f.Fuzz(func(t *testing.T, text string) {
		tags, err := reader().tags(text, nil)
		if err != nil && fault.From(err).Kind() != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && len(tags) > maxTags {
			t.Errorf("%q gave %d tags", text, len(tags))
		}
	})
}

// FuzzPairs holds that what is quoted is read back.
func FuzzPairs(f *testing.F) {
	f.Add(`a "b" \`)
	f.Fuzz(func(t *testing.T, value string) {
		tags, problem := pairs(`a="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `" z=1`)
		if problem != "" || tags["a"] != value || tags["z"] != "1" {
			t.Errorf("%q became %q %s", value, tags["a"], problem)
		}
	})
}

func FuzzDuration(f *testing.F) {
	f.Add("1.5ms")
	f.Add("1d")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := reader().duration("minDuration", text)
		if err == nil && d < 0 {
			t.Errorf("%q is %v", text, d)
		}
	})
}
