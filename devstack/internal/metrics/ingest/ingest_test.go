package ingest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collect gathers everything as "labels time value" lines.
func collect(into *[]string) Sink {
	return func(b Batch) error {
		for _, s := range b.Series {
			for i, t := range s.T {
				*into = append(*into, fmt.Sprintf("%s %d %v", s.Labels, t, s.V[i]))
			}
		}
		for name, m := range b.Meta {
			*into = append(*into, fmt.Sprintf("meta %s %v", name, m))
		}
		return nil
	}
}

func TestFormats(t *testing.T) {
	text := func(r io.Reader, s Sink) error { return Text(r, 7, s) }
	influx := func(r io.Reader, s Sink) error { return Influx(r, 7, s) }
	rows := func(format string) func(io.Reader, Sink) error {
		return func(r io.Reader, s Sink) error { return CSV(r, format, 7, s) }
	}
	tests := []struct {
		name string
		read func(io.Reader, Sink) error
		body string
		want []string
	}{
		{"plain", text, "up 1 1000", []string{`{__name__="up"} 1000 1`}},
		{"no time", text, "up 1", []string{`{__name__="up"} 7 1`}},
		{"labels", text, `up{a="b", c="d",} 1.5 1000`, []string{`{__name__="up", a="b", c="d"} 1000 1.5`}},
		{"blank before braces", text, `up {a="b"} 1 1000`, []string{`{__name__="up", a="b"} 1000 1`}},
		{"escapes", text, `up{a="x\"y\\z\nw",b="} 1"} 2 1000`, []string{`{__name__="up", a="x\"y\\z\nw", b="} 1"} 1000 2`}},
		{"quoted names", text, `{"dotted.name","k.v"="x"} 1 1000`, []string{`{__name__="dotted.name", "k.v"="x"} 1000 1`}},
		{"empty label", text, `up{a=""} 1 1000`, []string{`{__name__="up"} 1000 1`}},
		{"infinity", text, "up +Inf 1000", []string{`{__name__="up"} 1000 +Inf`}},
		{"not a number", text, "up NaN 1000", nil},
		{"exemplar", text, `up 1 1000 # {trace="x"} 1`, []string{`{__name__="up"} 1000 1`}},
		{"bad lines", text, "this is not { a metric\nup abc\nup{a=b} 1\nup{ 1\n{a=\"b\"} 1\nup 1 x\n", nil},
		{"metadata", text, "# HELP up Is\\nup.\n# TYPE up gauge\n# else\n", []string{"meta up {gauge  Is\nup.}"}},
		{"json", JSONLines, `{"metric":{"__name__":"a","b":"c"},"values":[1,null,"Infinity"],"timestamps":[1,2,3]}`, []string{`{__name__="a", b="c"} 1 1`, `{__name__="a", b="c"} 3 +Inf`}},
		{"json unequal", JSONLines, `{"metric":{"__name__":"a"},"values":[1,2],"timestamps":[1]}`, nil},
		{"json broken", JSONLines, "{broken\n[]\n{}\n", nil},
		{"influx", influx, "cpu,host=h1 usage=1.5,idle=98i 1000000000", []string{`{__name__="cpu_usage", host="h1"} 1000 1.5`, `{__name__="cpu_idle", host="h1"} 1000 98`}},
		{"influx text field", influx, `cpu msg="x",n=1`, []string{`{__name__="cpu_n"} 7 1`}},
		{"csv", rows("1:label:ticker,2:metric:price,3:time:unix_s"), "ACME,12.5,2\nbroken\n", []string{`{__name__="price", ticker="ACME"} 2000 12.5`}},
		{"csv times", rows("1:metric:m,2:time:rfc3339"), "1,1970-01-01T00:00:01Z\n", []string{`{__name__="m"} 1000 1`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			if err := tt.read(strings.NewReader(tt.body), collect(&got)); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestCSVRefusesBadFormats(t *testing.T) {
	for _, format := range []string{"", "x", "0:metric:m", "1:metric"} {
		if err := CSV(strings.NewReader("1\n"), format, 0, collect(new([]string))); err == nil {
			t.Errorf("format %q is taken", format)
		}
	}
}

func TestBinaryFormatsRefuseGarbage(t *testing.T) {
	for name, read := range map[string]func(io.Reader, Sink) error{"otlp": OTLP, "remote write": RemoteWrite} {
		if err := read(strings.NewReader("\xff\xff garbage"), collect(new([]string))); err == nil {
			t.Errorf("%s takes garbage", name)
		}
	}
}

// TestBatchesAreBounded writes more samples than one batch holds.
func TestBatchesAreBounded(t *testing.T) {
	var sizes []int
	sink := func(b Batch) error {
		n := 0
		for _, s := range b.Series {
			n += len(s.T)
		}
		sizes = append(sizes, n)
		return nil
	}
	var body strings.Builder
	for i := range batchLimit + 10 {
		fmt.Fprintf(&body, "m{n=\"%d\"} %d %d\n", i%7, i, i)
	}
	if err := Text(strings.NewReader(body.String()), 0, sink); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sizes, []int{batchLimit, 10}) {
		t.Errorf("batches of %v samples", sizes)
	}
}

func TestSinkErrorsEndTheWrite(t *testing.T) {
	full := errors.New("full")
	for _, read := range []func(io.Reader, Sink) error{
		func(r io.Reader, s Sink) error { return Text(r, 0, s) }, JSONLines,
	} {
		err := read(strings.NewReader("m 1 1\n{\"metric\":{\"a\":\"b\"},\"values\":[1],\"timestamps\":[1]}\n"), func(Batch) error { return full })
		if !errors.Is(err, full) {
			t.Errorf("%v", err)
		}
	}
}

// sound fails on series that the store must never see.
func sound(t *testing.T) Sink {
	return func(b Batch) error {
		for _, s := range b.Series {
			if len(s.T) != len(s.V) {
				t.Errorf("%s: %d times, %d values", s.Labels, len(s.T), len(s.V))
			}
			if dup, twice := s.Labels.HasDuplicateLabelNames(); twice {
				t.Errorf("label %q stands twice", dup)
			}
			if slices.ContainsFunc(s.V, math.IsNaN) {
				t.Errorf("%s: NaN", s.Labels)
			}
		}
		return nil
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{`up{a="b"} 1 2`, `{"x","y"="z"} 1`, "# HELP a b\n", `a{b="\`, "a{} 1", `m{a="1",a="2"} 1`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) { _ = Text(strings.NewReader(body), 0, sound(t)) })
}

func FuzzLines(f *testing.F) {
	f.Add(`{"metric":{"__name__":"a"},"values":[1],"timestamps":[1]}`)
	f.Add("cpu,host=a v=1 1\n,= =\n")
	f.Add("a,1,2\n\"x")
	f.Fuzz(func(t *testing.T, body string) {
		_ = JSONLines(strings.NewReader(body), sound(t))
		_ = Influx(strings.NewReader(body), 0, sound(t))
		_ = CSV(strings.NewReader(body), "1:label:a,2:metric:b,3:time:unix_s", 0, sound(t))
	})
}

func FuzzBinary(f *testing.F) {
	f.Add([]byte("\x0a\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = OTLP(strings.NewReader(string(body)), sound(t))
		_ = RemoteWrite(strings.NewReader(string(body)), sound(t))
	})
}
