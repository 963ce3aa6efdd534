package server

import (
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		`null`: "", `[]`: "", `{}`: "", `["a","b=c",""]`: "a|b=c|",
		`{"team":"x","n":1.5,"big":1e7,"on":true}`: "big=10000000|n=1.5|on=true|team=x",
	} {
		var v structpb.Value
		if err := protojson.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		got, err := words("/tags", &v)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s gives %q, %v", text, got, err)
		}
	}
	if got, err := words("/tags", nil); err != nil || got != nil {
		t.Errorf("nothing gives %q, %v", got, err)
	}
	for text, pointer := range map[string]string{
		`"a"`: "/tags", `1`: "/tags", `true`: "/tags", `["a",1]`: "/tags/1", `[null]`: "/tags/0", `[["a"]]`: "/tags/0",
		`{"a":null}`: "/tags/a", `{"a":["b"]}`: "/tags/a", `{"a":{"b":"c"}}`: "/tags/a",
	} {
		var v structpb.Value
		if err := protojson.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		_, err := words("/tags", &v)
		if f := fault.From(err); f == nil || f.Code != fault.CodeInvalidRequest || f.Message != "invalid payload" || f.Fields[0].Pointer != pointer {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestCursors(t *testing.T) {
	key := definition.Key{Kind: definition.Label, Parent: "größe/\"", Name: "a\u2028b"}
	got, err := readCursor(definition.Label, key.Parent, cursor(key))
	if err != nil || *got != key {
		t.Errorf("read %+v, %v", got, err)
	}
	if got, err := readCursor(definition.Label, "x", ""); got != nil || err != nil {
		t.Errorf("no cursor: %+v, %v", got, err)
	}
	for _, text := range []string{"*", "e30", "W10", "eyJhIjoxfQ", "bnVsbA", cursor(definition.Key{Kind: definition.Metric, Name: "x"})} {
		if got, err := readCursor(definition.Label, key.Parent, text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("x", "y")
	f.Fuzz(func(t *testing.T, name, text string) {
		if k, err := readCursor(definition.Metric, "", text); err == nil && k != nil && cursor(*k) == "" {
			t.Errorf("%q is read as %+v", text, k)
		}
		key := definition.Key{Kind: definition.Metric, Name: strings.ToValidUTF8(name, "?")}
		if got, err := readCursor(definition.Metric, "", cursor(key)); err != nil || *got != key {
			t.Errorf("%+v is read as %+v, %v", key, got, err)
		}
	})
}
