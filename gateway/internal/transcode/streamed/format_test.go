package streamed

import (
	"math"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestChoose(t *testing.T) {
	r := &route.Row{Formats: []string{"json", "ndjson", "csv", "parquet"}}
	for accept, want := range map[string]string{
		"":                               "json",
		" ":                              "json",
		"*/*":                            "json",
		"application/json":               "json",
		"text/csv":                       "csv",
		"TEXT/CSV; charset=utf-8":        "csv",
		"text/*":                         "csv",
		"application/*":                  "json",
		"application/x-ndjson":           "ndjson",
		"application/stream+json":        "ndjson",
		"application/vnd.apache.parquet": "parquet",
		"text/html, text/csv;q=0.5, application/json;q=0.4": "csv",
		"application/json;q=0, */*":                         "ndjson",
		"*/*;q=0.1, text/csv;q=0.1":                         "json",
		"text/csv;q=0.9, application/x-ndjson;q=1.0":        "ndjson",
		"text/html, */*;q=0.1":                              "json",
		"application/json;q=oops, text/csv;q=0.1":           "csv",
	} {
		if got, err := choose(r, accept); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", accept, got, err, want)
		}
	}
	for _, accept := range []string{"text/html", "text/csv;q=0", "nonsense", "*/csv", "image/*", "application/json;q=2"} {
		if got, err := choose(r, accept); fault.From(err) == nil || fault.From(err).Code != fault.CodeNotAcceptable {
			t.Errorf("%q: %q, %v", accept, got, err)
		}
	}
}

// Every format that a proto may name has a media type.
func TestEveryFormatHasAType(t *testing.T) {
	for _, format := range []string{"json", "ndjson", "csv", "parquet"} {
		if len(MediaTypes(format)) == 0 {
			t.Errorf("%s has none", format)
		}
	}
	if MediaTypes("html") != nil {
		t.Error("an unknown format has a type")
	}
}

func FuzzChoose(f *testing.F) {
	f.Add("text/csv;q=0.5, */*;q=0.1")
	f.Add("a/b;q=NaN,,;,/,*/*;q=")
	r := &route.Row{Formats: []string{"json", "csv"}}
	f.Fuzz(func(t *testing.T, accept string) {
		ranges := parseAccept(accept)
		if len(ranges) > maxRanges {
			t.Fatalf("%d ranges", len(ranges))
		}
		for _, x := range ranges {
			if math.IsNaN(x.weight) || x.weight < 0 || x.weight > 1 {
				t.Fatalf("weight %v", x.weight)
			}
		}
		got, err := choose(r, accept)
		if (err == nil) != (got == "json" || got == "csv") {
			t.Errorf("%q, %v", got, err)
		}
	})
}
