package definition

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func labels(contents ...Content) []Change {
	var out []Change
	for i, c := range contents {
		out = append(out, Change{Key: Key{Name: string(rune('a' + i))}, Content: c})
	}
	return out
}

func TestFaultyMembersAreNamed(t *testing.T) {
	long := strings.Repeat("x", 5000)
	many := make([]string, maxTags+1)
	for _, tt := range []struct {
		name    string
		key     Key
		content Content
		labels  []Change
		want    string
	}{
		{"no name", Key{Kind: Metric}, Content{}, nil, "/metric"},
		{"blank name", Key{Kind: LogField, Name: " \t"}, Content{}, nil, "/field"},
		{"long name", Key{Kind: Metric, Name: strings.Repeat("x", 513)}, Content{}, nil, "/metric"},
		{"control character", Key{Kind: Service, Name: "a\x00b"}, Content{}, nil, "/service"},
		{"delete character", Key{Kind: Metric, Name: "a\x7fb"}, Content{}, nil, "/metric"},
		{"line break in a name", Key{Kind: Metric, Name: "a\nb"}, Content{}, nil, "/metric"},
		{"no UTF-8", Key{Kind: Metric, Name: "a\xff"}, Content{}, nil, "/metric"},
		{"no service", Key{Kind: Operation, Name: "a"}, Content{}, nil, "/service"},
		{"neither", Key{Kind: Operation}, Content{}, nil, "/service /operation"},
		{"no metric", Key{Kind: Label, Name: "a"}, Content{}, nil, "/metric"},
		{"metric", up, Content{Description: long, Owner: long, Tags: []string{"ok", long}}, nil, "/description /owner /tags/1"},
		{"log field", Key{Kind: LogField, Name: "a"}, Content{Description: long, Type: long, Tags: many, Examples: []string{"\x00"}}, nil, "/type /description /tags /examples/0"},
		{"service", Key{Kind: Service, Name: "a"}, Content{Purpose: long, Owner: long, Tags: many}, nil, "/purpose /owner /tags"},
		{"operation", Key{Operation, "a", "b"}, Content{Purpose: long, Owner: "\n"}, nil, "/purpose /owner"},
		{"terminal codes", up, Content{Description: "a\x1b[31m"}, nil, "/description"},
		{"labels", up, Content{}, labels(Content{}, Content{Type: long, Description: long}), "/labels/1/type /labels/1/description"},
		{"label without name", up, Content{}, []Change{{}}, "/labels/0/label"},
		{"label twice", up, Content{}, append(labels(Content{}), labels(Content{})...), "/labels/1/label"},
		{"too many labels", up, Content{}, make([]Change, maxLabels+1), "/labels"},
		{"large object", up, Content{}, labels(Content{AllowedValues: map[string]any{"x": strings.Repeat(long, 4)}}), "/labels/0/allowedValues"},
		{"no JSON", Key{Label, "a", "b"}, Content{AllowedValues: map[string]any{"x": math.NaN()}}, nil, "/allowedValues"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &fakeStore{heads: map[Key]Definition{}}
			_, err := NewRegistry(s).Upsert(acme(t), "", Change{Key: tt.key, Content: tt.content}, tt.labels)
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != fault.CodeInvalidRequest || f.Message != "invalid payload" {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, field := range f.Fields {
				got = append(got, field.Pointer)
			}
			if strings.Join(got, " ") != tt.want || len(s.batches) > 0 {
				t.Errorf("named %v, want %s; stored %+v", got, tt.want, s.batches)
			}
		})
	}
}

func TestFreeTextsPass(t *testing.T) {
	for _, k := range Kinds() {
		c := Change{Key: Key{Kind: k, Parent: "größe/寸:%.x", Name: strings.Repeat("寸", 170)}, Content: Content{
			Description: "two\nlines\tand tabs", Purpose: "é", Owner: "team é", Tags: []string{"a=b", ""}, Examples: []string{"=1+1"}}}
		if !k.HasParent() {
			c.Key.Parent = ""
		}
		if faults := Check(c); len(faults) > 0 {
			t.Errorf("%s: %v", k, faults)
		}
	}
}
