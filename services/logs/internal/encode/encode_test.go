package encode

import (
	"testing"
)

const (
	first  = `{"_time":"2026-11-20T10:00:00.000000001Z","_msg":"a \"b\"","level":"info"}`
	second = `{"_msg":"=1+1","_time":"2026-11-20T10:00:01Z","n":{"x":[1,2]}}`
	forged = `{"_stream":"{a=\"b\"}","_msg":"x","_stream":"forged"}`
)

func TestText(t *testing.T) {
	fields := []string{"_msg", "_time", "level", "n"}
	cases := []struct {
		name   string
		format Format
		lines  []string
		want   string
	}{
		{"no rows", JSON, nil, "[]\n"},
		{"rows", JSON, []string{first, second}, "[\n" + first + ",\n" + second + "\n]\n"},
		{"first of two names", JSON, []string{forged}, "[\n" + `{"_stream":"{a=\"b\"}","_msg":"x"}` + "\n]\n"},
		{"no lines", NDJSON, nil, ""},
		{"lines", NDJSON, []string{first, second}, first + "\n" + second + "\n"},
		{"first of two names in a line", NDJSON, []string{forged}, `{"_stream":"{a=\"b\"}","_msg":"x"}` + "\n"},
		{"header", CSV, nil, "_msg,_time,level,n\r\n"},
		{"records", CSV, []string{first, second}, "_msg,_time,level,n\r\n" +
			`"a ""b""",2026-11-20T10:00:00.000000001Z,info,` + "\r\n" +
			`'=1+1,2026-11-20T10:00:01Z,,"{""x"":[1,2]}"` + "\r\n"},
	}
	for _, c := range cases {
		t.Run(string(c.format)+" "+c.name, func(t *testing.T) {
			if got := string(body(t, c.format, fields, c.lines...)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestParseFormat(t *testing.T) {
	for _, f := range Formats() {
		if got, ok := ParseFormat(string(f)); !ok || got != f || f.ContentType() == "" {
			t.Errorf("%q: %q %v", f, got, ok)
		}
	}
	if _, ok := ParseFormat("xml"); ok {
		t.Error("xml is no format")
	}
	if _, err := New("xml", nil, nil); err == nil {
		t.Error("xml has no encoder")
	}
}
