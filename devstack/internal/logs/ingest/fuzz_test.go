package ingest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// FuzzFlatten: whatever is an object is taken, and only that; no field is empty.
func FuzzFlatten(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":[1,{"c":"]"}]},"d":null,"e":"\"\\\u0041"}`, `{"":0,"x":-1.5e3,"x":true}`, `[]`, `{"a":"\ud800"}`, `{`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		fields, err := Flatten(object, nil)
		var tree map[string]json.RawMessage
		isObject := json.Unmarshal(object, &tree) == nil && tree != nil
		if isObject != (err == nil) {
			t.Fatalf("%q: object %v, error %v", object, isObject, err)
		}
		for _, x := range fields {
			if x.Name == "" || x.Value == "" {
				t.Fatalf("%q: empty field %q", object, x)
			}
		}
	})
}

// FuzzLoki: no input breaks the decoder, and rows carry the labels of their stream.
func FuzzLoki(f *testing.F) {
	f.Add(lokiPush(`{app="x"}`, `{"json":1}`))
	f.Add(lokiPush(`{}`, ``))
	f.Add([]byte("\x0a\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, _ := LokiProtobuf(body, Columns{}, noon, NewStreams())
		for _, r := range rows {
			for _, l := range r.Stream.Labels {
				if get(r.Fields, l.Name) == "" {
					t.Fatalf("label %q is no field of %q", l, r.Fields)
				}
			}
		}
	})
}

// FuzzStamp: a time is read or refused, and its RFC 3339 form is a fixed point.
func FuzzStamp(f *testing.F) {
	for _, seed := range []string{"0", "1795168800", "1795168800.5", "2026-11-20T10:00:00.1Z", "2026-11-20 10:00:00+02:00", "9223372036854775807", "Inf"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := stamp(text, noon)
		if err != nil {
			if at != 0 {
				t.Fatalf("%q: %d beside %v", text, at, err)
			}
			return
		}
		again, err := stamp(format(at), noon)
		if err != nil && !strings.HasPrefix(format(at), "1677") && !strings.HasPrefix(format(at), "2262") || err == nil && again != at {
			t.Fatalf("%q: %d, then %d, %v", text, at, again, err)
		}
	})
}

func format(at int64) string { return time.Unix(0, at).UTC().Format(time.RFC3339Nano) }
