package bulk_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// export writes changes as they stand in a plan: a metric before its labels.
func export(kind bulk.Kind, changes []definition.Change) []byte {
	labels := map[string][]definition.Change{}
	for _, c := range changes {
		if c.Key.Kind == definition.Label {
			labels[c.Key.Parent] = append(labels[c.Key.Parent], c)
		}
	}
	out := bulk.Header(kind)
	for _, c := range changes {
		if c.Key.Kind != definition.Label {
			out = append(out, bulk.Export(kind, c, labels[c.Key.Name])...)
		}
	}
	return out
}

func byParent(changes []definition.Change) map[definition.Key]definition.Content {
	out := map[definition.Key]definition.Content{}
	for _, c := range changes {
		out[c.Key] = c.Content
	}
	return out
}

// roundTrip wants an export to be read back to exactly the same.
func roundTrip(t interface {
	Helper()
	Errorf(format string, args ...any)
}, kind bulk.Kind, changes []definition.Change) {
	t.Helper()
	file := export(kind, changes)
	p, err := bulk.Parse(bulk.File{Kind: kind, Data: file, Tenant: "acme"}, bulk.Limits{Bytes: 64 * mib})
	if err != nil || len(p.Refused) > 0 {
		t.Errorf("the export %q is refused: %v, %v", file, err, p)
		return
	}
	want, got := byParent(changes), byParent(p.Changes)
	if len(want) != len(got) {
		t.Errorf("%d definitions became %d", len(want), len(got))
	}
	for key, content := range want {
		if !content.Same(got[key]) {
			t.Errorf("%v: %+v became %+v", key, content, got[key])
		}
	}
	if again := export(kind, p.Changes); !bytes.Equal(file, again) {
		t.Errorf("the second export differs:\n%q\n%q", file, again)
	}
}

// tricky texts are made of what CSV, JSON and spreadsheets treat specially.
func tricky(lines bool) *rapid.Generator[string] {
	alphabet := []string{"a", "B", " ", "'", `"`, ",", ";", "=", "+", "-", "@", "\uff1d", "\ufeff", "\u00a0", "é", "\\", "{", "[", "/", "%", "\u2028", "<"}
	if lines {
		alphabet = append(alphabet, "\n", "\r", "\t", "\r\n")
	}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 8).Draw(t, "parts"), "")
	})
}

func change(t *rapid.T, key definition.Key) definition.Change {
	words := rapid.SliceOfN(tricky(false), 0, 3)
	c := definition.Change{Key: key}
	for _, field := range key.Kind.Fields() {
		switch field {
		case "description":
			c.Content.Description = tricky(true).Draw(t, field)
		case "purpose":
			c.Content.Purpose = tricky(true).Draw(t, field)
		case "owner":
			c.Content.Owner = tricky(false).Draw(t, field)
		case "type":
			c.Content.Type = tricky(false).Draw(t, field)
		case "tags":
			c.Content.Tags = words.Draw(t, field)
		case "examples":
			c.Content.Examples = words.Draw(t, field)
		case "required":
			c.Content.Required = rapid.Bool().Draw(t, field)
		case "allowedValues":
			c.Content.AllowedValues = map[string]any{tricky(true).Draw(t, "name"): []any{tricky(true).Draw(t, "value"), 1.5, nil}}
		}
	}
	return c
}

func TestRoundTripChangesNothing(t *testing.T) {
	name := tricky(false).Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(bulk.Kinds()).Draw(t, "kind")
		var changes []definition.Change
		for _, n := range rapid.SliceOfNDistinct(name, 0, 4, rapid.ID[string]).Draw(t, "names") {
			key := definition.Key{Kind: kind.Defines(), Name: n}
			if kind == bulk.Operations {
				key.Parent = name.Draw(t, "service")
			}
			changes = append(changes, change(t, key))
			if kind != bulk.Metrics {
				continue
			}
			for _, l := range rapid.SliceOfNDistinct(name, 0, 3, rapid.ID[string]).Draw(t, "labels") {
				changes = append(changes, change(t, definition.Key{Kind: definition.Label, Parent: n, Name: l}))
			}
		}
		roundTrip(t, kind, changes)
	})
}

func FuzzParse(f *testing.F) {
	for i, text := range []string{
		"metric,label,label_allowed_json\nup,job,\"{\"\"a\"\":[1]}\"\n", "field,examples_json\na,\"[\"\"b\"\"]\"\n",
		"service,purpose\n'=a,\"x\r\ny\"\n", "service,operation\na,\" b\"\n", "\uFEFFservice\r\n\r\na\r\n",
		"metric\n" + strings.Repeat("\r", 9) + "\n", "metric,tags_json\nup,\"{\"\"k\"\":1e400}\"\n", "service\n\"a\"\"\",,\n",
	} {
		f.Add(uint8(i), []byte(text))
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		kind := bulk.Kinds()[int(which)%len(bulk.Kinds())]
		p, err := bulk.Parse(bulk.File{Kind: kind, Data: data, Tenant: "acme"}, bulk.Limits{Bytes: mib})
		if err != nil {
			return
		}
		for _, c := range p.Changes {
			if faults := definition.Check(c); len(faults) > 0 {
				t.Errorf("planned %+v with %v", c, faults)
			}
		}
		roundTrip(t, kind, p.Changes)
	})
}

func FuzzFormula(f *testing.F) {
	for _, text := range formulas() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		guarded := bulk.Guarded(text)
		if got := bulk.Bare(guarded); got != text {
			t.Errorf("%q became %q and then %q", text, guarded, got)
		}
		if guarded != text && guarded != "'"+text {
			t.Errorf("%q became %q", text, guarded)
		}
		if again := bulk.Guarded(guarded); (again == guarded) != (guarded == text) {
			t.Errorf("%q is guarded as %q and that as %q", text, guarded, again)
		}
	})
}

// formulas in every disguise that a spreadsheet is known to look through.
func formulas() []string {
	return []string{"=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx", "\x00=1", "\uFEFF=1", "\u00a0=1", "\u200b=1",
		"\u3000=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", " \uff1d1", "'=1", "''=1", "=cmd|'/c calc'!A1", "-2+3+cmd|' /C calc'!A0",
		"=HYPERLINK(\"http://x\",\"y\")", "\u22121", "\ufe661"}
}

func TestGuard(t *testing.T) {
	for _, text := range formulas() {
		if got := bulk.Guarded(text); got != "'"+text {
			t.Errorf("%q is exported as %q", text, got)
		}
	}
	for _, text := range []string{"", "up", "a=b", "'", "'a", " a", "[]", "{}", "1-1", "\u200ba", "é", `"=1`} {
		if got := bulk.Guarded(text); got != text {
			t.Errorf("%q is exported as %q", text, got)
		}
		if got := bulk.Bare(text); got != text {
			t.Errorf("%q is stored as %q", text, got)
		}
	}
}

// JSON cells are read as encoding/json reads them, apart from what is refused
// on purpose.
func FuzzCell(f *testing.F) {
	for _, text := range []string{`["a"]`, `{"a":[1,{"b":null}]}`, `{"a":1,"a":2}`, "1e400", "[", "{} {}", "]", `{"a"}`, `{"":""}`, "nul", `"\ud800"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.TrimSpace(text) == "" {
			return
		}
		got, err := bulk.Object(text)
		var want any
		if wantErr := json.Unmarshal([]byte(text), &want); wantErr != nil {
			if err == nil {
				t.Errorf("%q is read as %v, encoding/json says %v", text, got, wantErr)
			}
			return
		}
		members, isObject := want.(map[string]any)
		switch {
		case err != nil && isObject && !strings.Contains(err.Error(), "deeper") && !strings.Contains(err.Error(), "twice"):
			t.Errorf("%q is refused: %v", text, err)
		case err == nil && want != nil && (!isObject || !reflect.DeepEqual(got, members)):
			t.Errorf("%q is read as %v, by encoding/json as %v", text, got, want)
		}
	})
}
