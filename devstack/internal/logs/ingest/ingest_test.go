package ingest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestFlatten(t *testing.T) {
	tests := []struct{ name, object, want string }{
		{"flat", `{"a":"x","b":1.50,"c":true}`, `a=x b=1.50 c=true`},
		{"nested", `{"a":{"b":{"c":"d"},"e":2},"f":3}`, `a.b.c=d a.e=2 f=3`},
		{"nothing", `{"a":null,"b":{},"c":"","d":{"e":null}}`, ``},
		{"arrays", `{"a":[1, "x]", {"b": [ ]}],"c":[]}`, `a=[1,"x]",{"b":[]}] c=[]`},
		{"twice", `{"a":"1","a":"2"}`, `a=1 a=2`},
		{"escapes", `{"a\"b":"c\\d\u00e9\n"}`, "a\"b=c\\dé\n"},
		{"blanks", " {\t\"a\" :\r\n [ ] , \"b\" : { \"c\" : -1e3 } } ", `a=[] b.c=-1e3`},
		{"empty name", `{"":"m"}`, `_msg=m`},
		{"empty", `{}`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields, err := Flatten([]byte(tt.object), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := plain(fields); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func plain(fields []Field) string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.Name + "=" + f.Value
	}
	return strings.Join(all, " ")
}

func TestFlattenRefusesWhatIsNoObject(t *testing.T) {
	for _, text := range []string{``, ` `, `[]`, `1`, `"x"`, `null`, `{`, `{"a":}`, `{"a":1}{}`, `{"a":1,}`} {
		if fields, err := Flatten([]byte(text), nil); err == nil || len(fields) > 0 {
			t.Errorf("%q: fields %v, error %v", text, fields, err)
		}
	}
}

// TestFlattenFindsEveryLeaf: what a tree of objects holds comes back under its path.
func TestFlattenFindsEveryLeaf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.MapOf(rapid.StringMatching(`[a-z]{1,3}(/[a-z]{1,3}){0,3}`), rapid.StringMatching(`.{1,12}`)).Draw(t, "leaves")
		tree, want := map[string]any{}, map[string]string{}
		for path, value := range leaves {
			if put(tree, strings.Split(path, "/"), value) {
				want[strings.ReplaceAll(path, "/", ".")] = value
			}
		}
		object, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		fields, err := Flatten(object, nil)
		if err != nil {
			t.Fatalf("%s: %v", object, err)
		}
		got := map[string]string{}
		for _, f := range fields {
			got[f.Name] = f.Value
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(fields) != len(want) {
			t.Fatalf("%s: got %q, want %q", object, got, want)
		}
	})
}

// put sets a leaf unless the path is taken by another.
func put(tree map[string]any, path []string, value string) bool {
	for len(path) > 1 {
		inner, ok := tree[path[0]].(map[string]any)
		if tree[path[0]] != nil && !ok {
			return false
		}
		if inner == nil {
			inner = map[string]any{}
			tree[path[0]] = inner
		}
		tree, path = inner, path[1:]
	}
	if tree[path[0]] != nil {
		return false
	}
	tree[path[0]] = value
	return true
}

func TestStamp(t *testing.T) {
	const second = 1795168800
	tests := []struct {
		text string
		want int64 // nanoseconds; 0 means refused
	}{
		{"", noon.UnixNano()}, {"0", noon.UnixNano()},
		{"1795168800", second * 1e9}, {"1795168800123", second*1e9 + 123e6}, {"1795168800123456", second*1e9 + 123456e3},
		{"1795168800123456789", second*1e9 + 123456789}, {"1795168800.5", second*1e9 + 5e8}, {"-1", -1e9},
		{"2026-11-20T10:00:00Z", second * 1e9}, {"2026-11-20 10:00:00Z", second * 1e9}, {"2026-11-20T11:00:00.000000001+01:00", second*1e9 + 1},
		{"2026-11-20T10:00:00", second * 1e9}, {"yesterday", 0}, {"2026-11-20", 0}, {"1e300", 0}, {"NaN", 0}, {"0001-01-01T00:00:00Z", 0},
	}
	for _, tt := range tests {
		got, err := stamp(tt.text, noon)
		if got != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("%q: %d, %v; want %d", tt.text, got, err, tt.want)
		}
	}
}

func TestColumns(t *testing.T) {
	long := strings.Repeat("n", maxName+1)
	tests := []struct {
		name string
		c    Columns
		line string
		want string // "" means dropped
	}{
		{"second time field", Columns{Time: []string{"ts", "at"}}, `{"at":"1795168800","_msg":"m"}`, `{} _msg=m`},
		{"stream", Columns{Stream: []string{"b", "a", "x"}}, `{"a":"1","b":"2","_msg":"m"}`, `{a="1",b="2"} a=1 b=2 _msg=m`},
		{"no message", Columns{}, `{"a":"1"}`, `{} a=1 _msg=` + missingMsg},
		{"ignored prefix", Columns{Ignore: []string{"se*"}}, `{"secret":"1","set":"2","s":"3","_msg":"m"}`, `{} s=3 _msg=m`},
		{"extra stream label", Columns{Stream: []string{"env"}, Extra: []Field{{Name: "env", Value: "x"}}}, `{"_msg":"m","env":"own"}`, `{env="x"} _msg=m env=x`},
		{"bad time", Columns{}, `{"_time":"soon","_msg":"m"}`, ``},
		{"long name", Columns{}, `{"` + long + `":"1","_msg":"m"}`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			for _, row := range JSONLines([]byte(tt.line), tt.c, noon, NewStreams()) {
				got = row.Stream.Text + " " + plain(row.Fields)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStreamsAreShared(t *testing.T) {
	s := NewStreams()
	labels := []Field{{Name: "service", Value: "cart"}}
	a, b := s.Row(noon, "m", labels, nil), s.Row(noon, "", labels, []Field{{Name: "k", Value: "v"}})
	if a.Stream != b.Stream || a.Stream.Text != `{service="cart"}` {
		t.Errorf("streams %v and %v", a.Stream, b.Stream)
	}
	if got := plain(b.Fields); got != "_msg="+missingMsg+" service=cart k=v" {
		t.Errorf("fields %q", got)
	}
}

// lokiPush is one stream with one entry as Loki's clients send it.
func lokiPush(labels, line string) []byte {
	msg := func(n protowire.Number, inner []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), inner)
	}
	num := func(n protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
	}
	label := msg(3, append(msg(1, []byte("user")), msg(2, []byte("9"))...))
	entry := slices.Concat(msg(1, append(num(1, 1795168800), num(2, 5)...)), msg(2, []byte(line)), label)
	return msg(1, append(msg(1, []byte(labels)), msg(2, entry)...))
}

func TestLokiProtobuf(t *testing.T) {
	packed := snappy.Encode(nil, lokiPush(`{app="a\"b", env="dev"}`, "hello"))
	body, err := unsnap(packed, maxBody)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := LokiProtobuf(body, Columns{}, noon, NewStreams())
	if err != nil || len(rows) != 1 {
		t.Fatalf("rows %v, error %v", rows, err)
	}
	if got := rows[0].Stream.Text + " " + plain(rows[0].Fields); got != `{app="a\"b",env="dev"} app=a"b env=dev _msg=hello user=9` {
		t.Errorf("row %q", got)
	}
	if rows[0].Time != 1795168800e9+5 {
		t.Errorf("time %d", rows[0].Time)
	}
}

func TestLokiRefuses(t *testing.T) {
	for _, labels := range []string{``, `app="x"`, `{app="x"`, `{app}`, `{app=x}`, `{app="x}`} {
		if rows, err := LokiProtobuf(lokiPush(labels, "x"), Columns{}, noon, NewStreams()); err == nil || len(rows) > 0 {
			t.Errorf("labels %q: rows %v, error %v", labels, rows, err)
		}
	}
}
