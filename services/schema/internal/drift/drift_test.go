package drift

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		defined, seen string
		want          Part
	}{
		{"", "", Part{Coverage: 100}},
		{"a b", "", Part{DefinedUnseen: []string{"a", "b"}, Defined: 2, Coverage: 100}},
		{"", "b a b", Part{SeenUndefined: []string{"a", "b"}, Seen: 2}},
		{"c a a", "b a d c", Part{SeenUndefined: []string{"b", "d"}, Seen: 4, Defined: 2, Coverage: 50}},
		{"a", "a b c", Part{SeenUndefined: []string{"b", "c"}, Seen: 3, Defined: 1, Coverage: 33.33}},
		{"z", "d c b a", Part{SeenUndefined: []string{"a", "b", "c"}, DefinedUnseen: []string{"z"}, Seen: 4, Defined: 1}},
		{"A", "a", Part{SeenUndefined: []string{"a"}, DefinedUnseen: []string{"A"}, Seen: 1, Defined: 1}},
	} {
		got := Compare(strings.Fields(tt.defined), strings.Fields(tt.seen), 3)
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%q and %q give %+v, want %+v", tt.defined, tt.seen, got, tt.want)
		}
	}
}

func TestNotAllowed(t *testing.T) {
	list := func(v ...any) []any { return v }
	for _, tt := range []struct {
		allowed map[string]any
		want    string
	}{
		{nil, ""},
		{map[string]any{}, ""},
		{map[string]any{"note": "any word", "values": "a"}, ""},
		{map[string]any{"values": list()}, ""},
		{map[string]any{"pattern": "("}, ""},
		{map[string]any{"values": list("a", "b")}, "200 aa true"},
		{map[string]any{"enum": list("a", 200.0, true)}, "aa b"},
		{map[string]any{"values": list("a"), "enum": list("b")}, "200 aa true"},
		{map[string]any{"pattern": "a+|b"}, "200 true"},
		{map[string]any{"pattern": "[0-9]+", "values": list("b")}, "a aa true"},
	} {
		if got := strings.Join(NotAllowed(tt.allowed, []string{"b", "a", "aa", "200", "true", "a"}), " "); got != tt.want {
			t.Errorf("%v refuses %q, want %q", tt.allowed, got, tt.want)
		}
	}
}

// book is what is defined, read in small pages.
type book struct {
	list []definition.Definition
	err  error
}

func (b book) List(_ context.Context, s definition.Selection, _ uint64) (definition.Page, error) {
	var p definition.Page
	for _, d := range b.list {
		if !s.Fits(d) || s.After != nil && d.Compare(*s.After) <= 0 {
			continue
		}
		if len(p.Definitions) == 2 {
			p.More = true
			break
		}
		p.Definitions = append(p.Definitions, d)
	}
	return p, b.err
}

func define(keys ...definition.Key) (out []definition.Definition) {
	for _, k := range keys {
		out = append(out, definition.Definition{Key: k, Version: 1})
	}
	return out
}

// world is what was seen, by "kind parent".
type world map[string]string

func (w world) names(key string) (Names, error) {
	text, ok := w[key]
	if !ok {
		return Names{}, fault.New(fault.CodeUnavailable, "Service unavailable").Wrap(errors.New("10.1.2.3 refused"))
	}
	list := strings.Fields(text)
	if n := len(list); n > 0 && list[n-1] == "..." {
		return Names{List: list[:n-1], More: true}, nil
	}
	return Names{List: list}, nil
}

func (w world) Metrics(context.Context, Window) (Names, error) { return w.names("metrics") }
func (w world) Labels(_ context.Context, _ Window, metric string) (Names, error) {
	return w.names("labels " + metric)
}
func (w world) Values(_ context.Context, _ Window, metric, label string) (Names, error) {
	return w.names("values " + metric + " " + label)
}
func (w world) LogFields(context.Context, Window) (Names, error) { return w.names("fields") }
func (w world) Services(context.Context) (Names, error)          { return w.names("services") }
func (w world) Operations(_ context.Context, service string) (Names, error) {
	return w.names("operations " + service)
}

func example() []definition.Definition {
	list := define(
		definition.Key{Kind: definition.Label, Parent: "up", Name: "job"}, definition.Key{Kind: definition.Label, Parent: "up", Name: "zone"},
		definition.Key{Kind: definition.Label, Parent: "old", Name: "x"}, definition.Key{Kind: definition.LogField, Name: "level"},
		definition.Key{Kind: definition.Metric, Name: "old"}, definition.Key{Kind: definition.Metric, Name: "requests"}, definition.Key{Kind: definition.Metric, Name: "up"},
		definition.Key{Kind: definition.Operation, Parent: "cart", Name: "add"}, definition.Key{Kind: definition.Operation, Parent: "cart", Name: "gone"},
		definition.Key{Kind: definition.Service, Name: "cart"}, definition.Key{Kind: definition.Service, Name: "shop"})
	list[0].AllowedValues = map[string]any{"values": []any{"api"}}
	return list
}

func TestReport(t *testing.T) {
	seen := world{"metrics": "up requests new", "labels up": "job env", "labels requests": "env", "values up job": "web api db",
		"fields": "level msg ...", "services": "cart pay", "operations cart": "add drop"}
	got, err := NewReporter(book{list: example()}, seen).Report(t.Context(), Window{End: time.Now()}, 10)
	want := Report{
		Metrics:    Part{SeenUndefined: []string{"new"}, DefinedUnseen: []string{"old"}, Seen: 3, Defined: 3, Coverage: 66.66},
		Labels:     Part{SeenUndefined: []string{"requests/env", "up/env"}, DefinedUnseen: []string{"up/zone"}, Seen: 3, Defined: 2, Coverage: 33.33},
		LogFields:  Part{SeenUndefined: []string{"msg"}, Seen: 2, Defined: 1, Coverage: 50, Partial: true},
		Services:   Part{SeenUndefined: []string{"pay"}, DefinedUnseen: []string{"shop"}, Seen: 2, Defined: 2, Coverage: 50},
		Operations: Part{SeenUndefined: []string{"cart/drop"}, DefinedUnseen: []string{"cart/gone"}, Seen: 2, Defined: 2, Coverage: 50},
		Outside:    []Outside{{"up", "job", []string{"db", "web"}}},
	}
	if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("report %+v, %v\nwant %+v", got, err, want)
	}
}

func TestServicesThatAreAway(t *testing.T) {
	away := Part{Unreadable: "Service unavailable"}
	got, err := NewReporter(book{list: example()}, world{}).Report(t.Context(), Window{}, 10)
	if want := (Report{Metrics: away, Labels: away, LogFields: away, Services: away, Operations: away}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("report %+v, %v", got, err)
	}
	// One metric and one service can be read, the rest inside them cannot.
	got, err = NewReporter(book{list: example()}, world{"metrics": "up requests", "labels requests": "", "services": "cart", "fields": ""}).Report(t.Context(), Window{}, 10)
	if err != nil || got.Labels.Unreadable != "" || !got.Labels.Partial || !reflect.DeepEqual(got.Operations, away) ||
		got.Metrics.Unreadable != "" || len(got.Outside) != 0 || got.LogFields.Partial {
		t.Errorf("report %+v, %v", got, err)
	}
}

func TestDefinitionsThatCannotBeRead(t *testing.T) {
	if got, err := NewReporter(book{err: errors.New("away")}, world{}).Report(t.Context(), Window{}, 10); err == nil {
		t.Errorf("report %+v", got)
	}
}

func TestReportsAreBounded(t *testing.T) {
	var keys []definition.Key
	var seen []string
	for i := range maxParents + 50 {
		name := fmt.Sprintf("m%04d", i)
		keys = append(keys, definition.Key{Kind: definition.Metric, Name: name})
		seen = append(seen, name, "other"+name)
	}
	w := world{"metrics": strings.Join(seen, " "), "fields": "", "services": ""}
	for _, k := range keys {
		w["labels "+k.Name] = "a"
	}
	got, err := NewReporter(book{list: define(keys...)}, w).Report(t.Context(), Window{}, 10)
	if err != nil || len(got.Metrics.SeenUndefined) != 10 || got.Metrics.Coverage != 50 || !got.Labels.Partial || got.Labels.Seen != maxParents {
		t.Errorf("report %+v, %v", got, err)
	}
}
