package row

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, line, json string
		err              error
	}{
		{"plain", `{"_msg":"a","n":"1"}`, `{"_msg":"a","n":"1"}`, nil},
		{"blanks around", " {\"a\" : \"b\" , \"c\":\"d\"}\r\n", `{"a" : "b" , "c":"d"}`, nil},
		{"empty", `{}`, `{}`, nil},
		{"forged member comes last", `{"_stream_id":"real","a":"1","_stream_id":"forged"}`, `{"_stream_id":"real","a":"1"}`, nil},
		{"forged by escape", `{"_stream":"real","\u005fstream":"forged"}`, `{"_stream":"real"}`, nil},
		{"nested", `{"a":{"b":[1,{"c":"}"}]},"d":null,"e":1.5e3,"f":true}`, `{"a":{"b":[1,{"c":"}"}]},"d":null,"e":1.5e3,"f":true}`, nil},
		{"not UTF-8", "{\"a\":\"\xff\"}", `{"a":"` + "\uFFFD" + `"}`, nil},
		{"cut", `{"a":"b`, "", ErrSyntax},
		{"cut behind a member", `{"a":"b",`, "", ErrSyntax},
		{"array", `[1]`, "", ErrSyntax},
		{"text", `cannot execute query`, "", ErrSyntax},
		{"two objects", `{} {}`, "", ErrSyntax},
		{"bad escape", `{"a":"\x"}`, "", ErrSyntax},
		{"bad number", `{"a":01}`, "", ErrSyntax},
		{"line end within text", "{\"a\":\"b\nc\"}", "", ErrSyntax},
		{"too long", `{"a":"` + strings.Repeat("x", MaxLine) + `"}`, "", ErrTooLong},
		{"too many", "{" + strings.TrimSuffix(strings.Repeat(`"a":1,`, 1), ",") + "}", `{"a":1}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var r Row
			if err := Parse([]byte(tt.line), &r); !errors.Is(err, tt.err) {
				t.Fatalf("got %v", err)
			}
			if tt.err == nil && string(r.AppendJSON(nil)) != tt.json {
				t.Errorf("got %s", r.AppendJSON(nil))
			}
			if tt.err != nil && len(r.Fields()) > 0 {
				t.Errorf("a refused line left %v", r.Fields())
			}
		})
	}
}

func TestTooManyFields(t *testing.T) {
	var line bytes.Buffer
	for i := range MaxFields + 1 {
		line.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		line.Write(AppendString(nil, strings.Repeat("x", 1+i%50)+time.Duration(i).String()))
		line.WriteString(`:"v"`)
	}
	var r Row
	if err := Parse(append(line.Bytes(), '}'), &r); !errors.Is(err, ErrSyntax) {
		t.Errorf("got %v with %d fields", err, len(r.Fields()))
	}
}

func TestTime(t *testing.T) {
	for _, tt := range []struct {
		line, want string
	}{
		{`{"_time":"2026-11-20T10:00:00.123456789Z"}`, "2026-11-20T10:00:00.123456789Z"},
		{`{"_time":"2026-11-20T11:00:00+01:00"}`, "2026-11-20T10:00:00Z"},
		{`{"_time":1795168800000}`, "2026-11-20T10:00:00Z"},
		{`{"ts":"1795168800"}`, "2026-11-20T10:00:00Z"},
		{`{"timestamp":"1795168800000000001"}`, "2026-11-20T10:00:00.000000001Z"},
		{`{"_time":"soon","timestamp":"2026-11-20T10:00:00Z"}`, "2026-11-20T10:00:00Z"},
		{`{"_time":"now"}`, ""},
		{`{"_time":"5m"}`, ""},
		{`{"a":"b"}`, ""},
	} {
		var r Row
		if err := Parse([]byte(tt.line), &r); err != nil {
			t.Fatal(err)
		}
		got, ok := r.Time()
		if text := got.Format(time.RFC3339Nano); ok != (tt.want != "") || ok && text != tt.want {
			t.Errorf("%s: got %s, %v", tt.line, text, ok)
		}
	}
}

func TestFirstAndGet(t *testing.T) {
	var r Row
	if err := Parse([]byte(`{"a":"","b":"x\ty","n":7}`), &r); err != nil {
		t.Fatal(err)
	}
	if v, ok := r.Get("b"); !ok || v != "x\ty" {
		t.Errorf("got %q", v)
	}
	if r.First("none", "a", "n") != "7" || r.Fields()[2].IsText() || !r.Fields()[1].IsText() {
		t.Errorf("got %q", r.First("none", "a", "n"))
	}
	if _, ok := r.Get("none"); ok {
		t.Error("found what is not there")
	}
}

// Rows that differ in nothing but the order of their members are equal.
func TestCanonicalIgnoresOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.MapOfN(rapid.StringMatching(`[a-z_"]{1,6}`), rapid.String(), 1, 8).Draw(t, "fields")
		names := rapid.Permutation(keys(fields)).Draw(t, "order")
		again := rapid.Permutation(keys(fields)).Draw(t, "other order")
		if a, b := canonical(t, fields, names), canonical(t, fields, again); !bytes.Equal(a, b) {
			t.Fatalf("%s is not %s", a, b)
		}
	})
}

func keys(m map[string]string) []string {
	var list []string
	for k := range maps.Keys(m) {
		list = append(list, k)
	}
	return list
}

func canonical(t *rapid.T, fields map[string]string, order []string) []byte {
	line := []byte{'{'}
	for i, name := range order {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(AppendString(line, name), ':')
		line = AppendString(line, fields[name])
	}
	var r Row
	if err := Parse(append(line, '}'), &r); err != nil {
		t.Fatal(err)
	}
	return r.Canonical(nil)
}

func TestCloneOutlivesItsLine(t *testing.T) {
	line := []byte(`{"a":"b","a":"c"}`)
	var r Row
	if err := Parse(line, &r); err != nil {
		t.Fatal(err)
	}
	c := r.Clone()
	copy(line, bytes.Repeat([]byte{'x'}, len(line)))
	if v, _ := c.Get("a"); v != "b" || string(c.AppendJSON(nil)) != `{"a":"b"}` {
		t.Errorf("got %q, %s", v, c.AppendJSON(nil))
	}
}

func TestParseStream(t *testing.T) {
	for in, want := range map[string]map[string]string{
		`{}`:                             {},
		`{host="node-1",service="edge"}`: {"host": "node-1", "service": "edge"},
		`{service.name="a\"b,c}"}`:       {"service.name": `a"b,c}`},
		`{"with space"="v", "x=y"="z"}`:  {"with space": "v", "x=y": "z"},
		`{a="1",b=broken}`:               {"a": "1"},
	} {
		if got := ParseStream(in); !maps.Equal(got, want) {
			t.Errorf("%s: got %v", in, got)
		}
	}
}

// FuzzParse compares with encoding/json: what is accepted is a JSON object, and
// the first of equal names wins.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":"b"}`, `{"a":1,"a":2}`, `{"a":{"b":[1,2]}}`, `{"a":"\u00e4\ud83d\ude00"}`, `{`, `{"a":"\`, "{\"\xff\":\"\"}", `{"a":-}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var r Row
		err := Parse([]byte(line), &r)
		valid := json.Valid([]byte(line)) && strings.HasPrefix(strings.Trim(line, " \t\r\n"), "{")
		if err == nil && !valid {
			t.Fatalf("accepted %q", line)
		}
		if err != nil {
			return
		}
		out := r.AppendJSON(nil)
		var m map[string]json.RawMessage
		if err := json.Unmarshal(out, &m); err != nil || len(m) != len(r.Fields()) {
			t.Fatalf("%v: %q has %d of %d members", err, out, len(m), len(r.Fields()))
		}
		for _, field := range r.Fields() {
			var s string
			if field.IsText() && (json.Unmarshal(field.JSON(), &s) != nil || s != field.Text()) {
				t.Fatalf("%q is not %q", field.Text(), s)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	line := []byte(`{"_time":"2026-11-20T10:04:00Z","_stream_id":"00000000000000002157179a022f7a7859a6c648d9310370","_stream":"{host=\"node-1\",service=\"payment\"}","_msg":"request failed: connection refused to db-0 code=E004","host":"node-1","level":"error","service":"payment","status":"500"}`)
	var r Row
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if err := Parse(line, &r); err != nil {
			b.Fatal(err)
		}
	}
}
