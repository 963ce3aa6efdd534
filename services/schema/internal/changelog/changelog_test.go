package changelog

import (
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func batch() definition.Batch {
	return definition.Batch{Author: "ann", Changes: []definition.Change{
		{Key: definition.Key{Kind: definition.Metric, Name: "up"}, Content: definition.Content{
			Description: "a < b & c", Owner: "o", Tags: []string{"x"}}},
		{Key: definition.Key{Kind: definition.Label, Parent: "up", Name: "job"}, Content: definition.Content{
			Type: "string", Required: true, AllowedValues: map[string]any{"values": []any{"a", 1.5, nil}}}},
		{Key: definition.Key{Kind: definition.Metric, Name: "größe 寸"}, Delete: true},
	}}
}

func TestRecordsAreReadBack(t *testing.T) {
	data, err := Encode(batch())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil || !reflect.DeepEqual(got, batch()) {
		t.Errorf("read %+v, %v", got, err)
	}
}

func TestFirstVersionIsRead(t *testing.T) {
	got, err := Decode([]byte(`{"v":1,"author":"ann","metric":{"name":"up","description":"a < b & c","owner":"o","tags":["x"]},` +
		`"labels":[{"metric":"up","name":"job","type":"string","required":true,"allowed":{"values":["a",1.5,null]}}]}`))
	want := batch()
	want.Changes = want.Changes[:2]
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v", got, err)
	}
}

func TestUnknownRecordsAreRefused(t *testing.T) {
	for _, data := range []string{"no json", `{}`, `{"v":99}`, `{"v":2,"changes":[{"kind":"strange","name":"x"}]}`} {
		if got, err := Decode([]byte(data)); err == nil {
			t.Errorf("%s is read as %+v", data, got)
		}
	}
}

func TestLargeRecordsAreRefused(t *testing.T) {
	b := batch()
	b.Changes[0].Content.Description = strings.Repeat("x", maxRecord)
	if _, err := Encode(b); fault.From(err).Code != fault.CodeTooLarge {
		t.Errorf("error %v", err)
	}
}

func TestSplitFitsIntoRecords(t *testing.T) {
	var changes []definition.Change
	for range 300 {
		changes = append(changes, definition.Change{Key: definition.Key{Kind: definition.LogField, Name: strings.Repeat(`"`, 512)},
			Content: definition.Content{Description: strings.Repeat("\n", 4096)}})
	}
	list := definition.Split("acme", "ann", changes)
	n := 0
	for _, b := range list {
		if _, err := Encode(b); err != nil {
			t.Error(err)
		}
		n += len(b.Changes)
	}
	if len(list) < 2 || n != len(changes) {
		t.Errorf("%d batches of %d changes", len(list), n)
	}
}

func TestSubjects(t *testing.T) {
	for _, tenant := range []string{"acme", "acme-corp", "a.b", "größe", "*", "a b", "="} {
		for _, log := range definition.Logs() {
			subject, err := Subject(tenant, log)
			if err != nil {
				t.Fatal(err)
			}
			if gotTenant, gotLog, err := ParseSubject(subject); err != nil || gotTenant != tenant || gotLog != log {
				t.Errorf("%q: %q %q %v", subject, gotTenant, gotLog, err)
			}
		}
	}
	for _, subject := range []string{"", "schema.acme", "schema.acme.strange", "schema.=.x.metrics", "other.acme.metrics"} {
		if tenant, log, err := ParseSubject(subject); err == nil {
			t.Errorf("%q is of %q, %q", subject, tenant, log)
		}
	}
	if _, err := Subject("acme", "strange"); err == nil {
		t.Error("a strange log has a subject")
	}
	if _, err := Subject("", "metrics"); err == nil {
		t.Error("no tenant has a subject")
	}
}

func FuzzDecode(f *testing.F) {
	data, _ := Encode(batch())
	f.Add(data)
	f.Add([]byte(`{"v":1,"metric":{"name":"up"},"labels":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(b)
		if err != nil {
			return
		}
		c, err := Decode(again)
		if err != nil || len(b.Changes) != len(c.Changes) {
			t.Fatalf("%+v became %+v, %v", b, c, err)
		}
		for i, x := range b.Changes {
			if y := c.Changes[i]; x.Key != y.Key || x.Delete != y.Delete || !x.Content.Same(y.Content) {
				t.Fatalf("%+v became %+v", x, y)
			}
		}
	})
}
