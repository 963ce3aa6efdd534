package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var stamp = Stamp{Tenant: "shop", Time: time.Date(2026, 11, 20, 10, 0, 0, 5, time.UTC)}

// lines of a batch as objects.
func lines(t *testing.T, b Batch) []map[string]string {
	t.Helper()
	var out []map[string]string
	for line := range bytes.Lines(b.Body) {
		var m map[string]string
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		out = append(out, m)
	}
	if len(out) != b.Accepted {
		t.Fatalf("%d lines, %d accepted", len(out), b.Accepted)
	}
	return out
}

func nested(depth int) string {
	return strings.Repeat(`{"a":`, depth-1) + `{"a":1}` + strings.Repeat("}", depth-1)
}

func many(n int) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf(`"f%d":"v"`, i)
	}
	return "{" + strings.Join(fields, ",") + "}"
}

func TestRefused(t *testing.T) {
	cases := []struct {
		name, event string
		want        error
	}{
		{"broken", `{broken json`, ErrSyntax},
		{"cut", `{"a":1`, ErrSyntax},
		{"two objects on a line", `{"a":1}{"b":2}`, ErrSyntax},
		{"array on a line", `[1,2]`, ErrNotObject},
		{"text", `"str"`, ErrNotObject},
		{"number", `5`, ErrNotObject},
		{"null", `null`, ErrNotObject},
		{"empty", `{}`, ErrEmpty},
		{"only nothing", `{"a":null,"b":{},"c":""}`, ErrEmpty},
		{"too deep", nested(MaxDepth + 1), ErrDepth},
		{"arrays too deep", `{"a":` + strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth) + `}`, ErrDepth},
		{"duplicate keys", `{"_msg":"dup","a":"1","a":"2"}`, ErrDuplicate},
		{"duplicate after flattening", `{"a":{"b":1},"a.b":2}`, ErrDuplicate},
		{"two events", `{"event":{"a":1},"event":{"a":2}}`, ErrDuplicate},
		{"too many fields", many(MaxFields + 1), ErrFields},
		{"too many with ours", many(MaxFields - 3), ErrFields},
		{"too long", `{"_msg":"` + strings.Repeat("y", 300_000) + `"}`, ErrLineLong},
		{"too long to look into", `{"_msg":"` + strings.Repeat("y", 2_000_000) + `"}`, ErrLineLong},
		{"long name", `{"` + strings.Repeat("n", MaxName+1) + `":1}`, ErrNameLong},
		{"not unicode", "{\"a\":\"\xff\"}", ErrNotUnicode},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			good := `{"_msg":"good"}`
			b := Prepare([]byte(good+"\n\n"+c.event+"\n"+good), "application/stream+json", stamp)
			if len(b.Refused) != 1 || b.Refused[0] != (Refusal{Line: 3, Reason: c.want.Error()}) {
				t.Errorf("refused %v, want line 3: %v", b.Refused, c.want)
			}
			if got := lines(t, b); len(got) != 2 {
				t.Errorf("kept %v", got)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	for _, event := range []string{nested(MaxDepth), many(MaxFields - 4), `{"` + strings.Repeat("n", MaxName) + `":1}`} {
		if b := Prepare([]byte(event), "application/json", stamp); b.Accepted != 1 {
			t.Errorf("refused: %v", b.Refused)
		}
	}
}

func TestBodies(t *testing.T) {
	cases := []struct {
		name, contentType, body string
		accepted                int
		refused                 string
	}{
		{"nothing", "application/json", " \n", 0, "[]"},
		{"object", "application/json", `{"a":1}`, 1, "[]"},
		{"object over lines", "application/json; charset=utf-8", "{\n \"a\": 1,\n \"b\": 2\n}\n", 1, "[]"},
		{"broken object over lines", "application/json", "{\n \"a\": 1,\n", 0, "[{1 not valid JSON}]"},
		{"lines called json", "application/json", "{\"a\":1}\n{\"a\":2}\n{broken\n", 2, "[{3 not valid JSON}]"},
		{"array", "application/json", `[{"a":1}, 5, {"a":2}]`, 2, "[{2 not a JSON object}]"},
		{"empty array", "application/json", `[]`, 0, "[]"},
		{"broken array", "application/json", `[{"a":1},{"a":2},{broken]`, 2, "[{3 not valid JSON}]"},
		{"array never closed", "application/json", `[{"a":1}`, 1, "[{2 not valid JSON}]"},
		{"text after an array", "application/json", `[{"a":1}] x`, 1, "[{2 not valid JSON}]"},
		{"lines with blanks between", "application/x-ndjson", "\n\r\n{\"a\":1}\r\n\n", 1, "[]"},
		{"byte order mark", "application/json", "\ufeff{\"a\":1}", 1, "[]"},
		{"number", "application/json", "5", 0, "[{1 not a JSON object}]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := Prepare([]byte(c.body), c.contentType, stamp)
			if b.Accepted != c.accepted || fmt.Sprint(b.Refused) != c.refused {
				t.Errorf("accepted %d, refused %v; want %d, %s", b.Accepted, b.Refused, c.accepted, c.refused)
			}
			lines(t, b)
		})
	}
}

func TestStamps(t *testing.T) {
	const at = "2026-11-20T10:00:00.000000005Z"
	cases := []struct {
		name, event string
		want        map[string]string
	}{
		{"message", `{"_msg":"a","msg":"b"}`, map[string]string{"_msg": "a", "msg": "b"}},
		{"other message", `{"message":"b","msg":"c"}`, map[string]string{"_msg": "b", "message": "b", "msg": "c"}},
		{"message from type", `{"type":"deploy"}`, map[string]string{"_msg": "deploy", "type": "deploy"}},
		{"no message", `{"a": 1}`, map[string]string{"_msg": `{"a":1}`, "a": "1"}},
		{"time given", `{"_msg":"m","_time":"2020-01-01T00:00:00Z"}`, map[string]string{"_msg": "m", "event_time": "2020-01-01T00:00:00Z"}},
		{"forged", `{"_msg":"m","_stream":"{x=\"y\"}","_stream_id":"abc","tenant_id":"other","stored_by":"me"}`, map[string]string{"_msg": "m"}},
		{"service of a component", `{"_msg":"m","component":"cart"}`, map[string]string{"_msg": "m", "component": "cart", "service": "cart"}},
		{"service of an object", `{"_msg":"m","service":{"name":"till"}}`, map[string]string{"_msg": "m", "service.name": "till", "service": "till"}},
		{"event within", `{"event":{"_msg":"m"}}`, map[string]string{"_msg": "m"}},
		{"event beside others", `{"event":{"k":"m"},"_msg":"x"}`, map[string]string{"_msg": "x", "event.k": "m"}},
		{"event as text", `{"event":"m"}`, map[string]string{"_msg": `{"event":"m"}`, "event": "m"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.want["_time"], c.want["tenant_id"], c.want["stored_by"] = at, "shop", Self
			got := lines(t, Prepare([]byte(c.event), "application/json", stamp))
			if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestOrderIsKept(t *testing.T) {
	got := lines(t, Prepare([]byte(`[{"_msg":"a"},{"_msg":"b"}]`), "application/json", stamp))
	if got[0]["_time"] != "2026-11-20T10:00:00.000000005Z" || got[1]["_time"] != "2026-11-20T10:00:00.000000006Z" {
		t.Errorf("%v", got)
	}
}

func FuzzPrepare(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n[{\"b\":{\"c\":[]}}]"), true)
	f.Add([]byte(`{"event":{"_time":0,"x":"\ud800"}}`), false)
	f.Fuzz(func(t *testing.T, body []byte, byLine bool) {
		kind := "application/json"
		if byLine {
			kind = "application/x-ndjson"
		}
		b := Prepare(body, kind, stamp)
		for _, m := range lines(t, b) {
			if m["tenant_id"] != "shop" || m["_msg"] == "" || len(m) > MaxFields {
				t.Fatalf("line %v", m)
			}
		}
		if n := bytes.Count(b.Body, []byte("\n")); n != b.Accepted {
			t.Fatalf("%d line ends, %d accepted", n, b.Accepted)
		}
	})
}
