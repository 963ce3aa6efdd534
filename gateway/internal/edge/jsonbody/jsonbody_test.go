package jsonbody

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	tests := []struct {
		name, body string
		pointer    string
		detail     string
	}{
		{"object", `{"query":"up","label_keys":["a","b"]}`, "", ""},
		{"spaces around", " {} \n", "", ""},
		{"bare value", `1`, "", ""},
		{"deepest allowed", strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth), "", ""},
		{"same key in two objects", `{"a":{"x":1},"b":{"x":1}}`, "", ""},
		{"empty", ``, "", "the body ends too early"},
		{"cut", `{"a":1`, "", "the body ends too early"},
		{"two values", `{} {}`, "", "there is more than one value in the body"},
		{"trailing text", `{"a":1}x`, "", "there is more than one value in the body"},
		{"not UTF-8", "{\"a\":\"\xff\"}", "", "the body is not UTF-8"},
		{"twice", `{"tenantId":"a","tenantId":"b"}`, "/tenantId", "is given twice"},
		{"twice, spelled differently", `{"tenantId":"a","tenant\u0049d":"b"}`, "/tenantId", "is given twice"},
		{"twice inside", `{"a":[{"b/c":1,"b/c":2}]}`, "/a/0/b~1c", "is given twice"},
		{"too deep", strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), strings.Repeat("/0", MaxDepth), "nested deeper than 32 levels"},
		{"syntax", `{"a":tru}`, "/a", "not valid JSON at byte 7"},
		{"trailing comma", `{"a":1,}`, "", "not valid JSON at byte 7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Check([]byte(tt.body))
			if tt.detail == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var f *Fault
			if !errors.As(err, &f) || f.Pointer != tt.pointer || f.Detail != tt.detail {
				t.Errorf("got %#v, want %q %q", err, tt.pointer, tt.detail)
			}
		})
	}
}

func TestObject(t *testing.T) {
	got, err := Object([]byte(`{"a":1,"b":"x"}`))
	if err != nil || string(got["a"]) != "1" || string(got["b"]) != `"x"` {
		t.Errorf("got %v, %v", got, err)
	}
	for _, body := range []string{`[]`, `null`, `1`, `"x"`} {
		if _, err := Object([]byte(body)); err == nil {
			t.Errorf("%s passed as an object", body)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,2,{"b":null}]}`, `{"a":1,"a":2}`, `[`, "\xff", `{"a":1}{`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if Check(body) == nil && !json.Valid(body) {
			t.Errorf("%q passed and is not JSON", body)
		}
	})
}

func FuzzObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":"x\"y"}`, ` { "a" : 1 , "b" : null } `, `{"a":1,"a":2}`, `{"a":tru}`, `{"a":"\u0041"}`,
		`{"a\n":1}`, `{"a":1.}`, `{"a":-0e+1}`, `{"a":1}x`, `{"a":{}}`, `{"a":[1,"x"]}`, "{\"a\":\"\n\"}", `{"a":1,}`, `{,}`, `{"a" 1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := Object(body)
		if checked := Check(body); (err == nil) != (checked == nil && strings.HasPrefix(strings.TrimSpace(string(body)), "{")) {
			t.Fatalf("%q: %v, while the full check says %v", body, err, checked)
		}
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(body, &want); err != nil || len(want) != len(got) {
			t.Fatalf("%q: got %q, want %q, %v", body, got, want, err)
		}
		for name, raw := range want {
			if string(got[name]) != string(raw) {
				t.Errorf("%q: %s is %s, want %s", body, name, got[name], raw)
			}
		}
	})
}

func TestMembersAreCopies(t *testing.T) {
	body := []byte(`{"a":"text"}`)
	got, err := Object(body)
	copy(body, `{"b":"lost"}`)
	if err != nil || string(got["a"]) != `"text"` {
		t.Errorf("got %s, %v", got["a"], err)
	}
}
