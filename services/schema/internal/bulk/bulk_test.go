package bulk_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const mib = 1 << 20

func parse(kind bulk.Kind, text string) (*bulk.Plan, error) {
	return bulk.Parse(bulk.File{Kind: kind, ContentType: "text/csv; charset=utf-8", Data: []byte(text), Tenant: "acme"}, bulk.Limits{Bytes: 5 * mib})
}

func plan(t *testing.T, kind bulk.Kind, text string) *bulk.Plan {
	t.Helper()
	p, err := parse(kind, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func metric(name string, c definition.Content) definition.Change {
	return definition.Change{Key: definition.Key{Kind: definition.Metric, Name: name}, Content: c}
}

func label(metric, name string, c definition.Content) definition.Change {
	return definition.Change{Key: definition.Key{Kind: definition.Label, Parent: metric, Name: name}, Content: c}
}

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		kind bulk.Kind
		text string
		want []definition.Change
	}{
		{"all columns of metrics, rows merge", bulk.Metrics,
			"tenant_id,metric,description,owner,tags_json,label,label_type,label_required,label_allowed_json,label_description,author\n" +
				`acme,up,Is up.,edge,"[""a"",""b""]",job,string,YES,"{""values"":[""api"",1]}",The job.,mallory` + "\n" +
				`,up,Another text.,,,env,,no,{},,` + "\n",
			[]definition.Change{metric("up", definition.Content{Description: "Is up.", Owner: "edge", Tags: []string{"a", "b"}}),
				label("up", "job", definition.Content{Type: "string", Required: true, Description: "The job.",
					AllowedValues: map[string]any{"values": []any{"api", 1.0}}}),
				label("up", "env", definition.Content{AllowedValues: map[string]any{}})}},
		{"header in any order and case, blanks around", bulk.LogFields, "Type, FIELD ,examples_json\nstring,level,\"[\"\"warn\"\"]\"\n",
			[]definition.Change{{Key: definition.Key{Kind: definition.LogField, Name: "level"}, Content: definition.Content{Type: "string", Examples: []string{"warn"}}}}},
		{"tags as an object", bulk.Services, "service,tags_json\ncheckout,\"{\"\"tier\"\":1,\"\"b\"\":true,\"\"a\"\":\"\"x\"\"}\"\n",
			[]definition.Change{{Key: definition.Key{Kind: definition.Service, Name: "checkout"}, Content: definition.Content{Tags: []string{"a=x", "b=true", "tier=1"}}}}},
		{"operations, CRLF, byte order mark, no line end", bulk.Operations, "\uFEFFservice,operation,purpose\r\ncheckout,\"POST /pay\",Pays.",
			[]definition.Change{{Key: definition.Key{Kind: definition.Operation, Parent: "checkout", Name: "POST /pay"}, Content: definition.Content{Purpose: "Pays."}}}},
		{"quoted line breaks and separators", bulk.Services, "service,purpose\ncheckout,\"one\ntwo, \"\"three\"\"\"\n",
			[]definition.Change{{Key: definition.Key{Kind: definition.Service, Name: "checkout"}, Content: definition.Content{Purpose: "one\ntwo, \"three\""}}}},
		{"formulas are stored as sent, one guard is taken off", bulk.Services,
			"service,purpose,owner\n=a,@SUM(1),'=x\n'quoted,''+1,'t\n",
			[]definition.Change{{Key: definition.Key{Kind: definition.Service, Name: "=a"}, Content: definition.Content{Purpose: "@SUM(1)", Owner: "=x"}},
				{Key: definition.Key{Kind: definition.Service, Name: "'quoted"}, Content: definition.Content{Purpose: "'+1", Owner: "'t"}}}},
		{"blank rows say nothing", bulk.Services, "\n\nservice,purpose\n\n,\na,\n,\n",
			[]definition.Change{{Key: definition.Key{Kind: definition.Service, Name: "a"}}}},
		{"nothing but a header", bulk.Services, "service\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plan(t, tt.kind, tt.text)
			if len(p.Refused) > 0 || !same(p.Changes, tt.want) {
				t.Errorf("changes %+v\nwant    %+v\nrefused %v", p.Changes, tt.want, p.Refused)
			}
		})
	}
}

// same compares what is stored: empty and absent are equal.
func same(a, b []definition.Change) bool {
	return slices.EqualFunc(a, b, func(x, y definition.Change) bool {
		return x.Key == y.Key && x.Delete == y.Delete && x.Content.Same(y.Content)
	})
}

func TestRefusedRows(t *testing.T) {
	deep := `"{""a"":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}"`
	tests := []struct {
		name, text string
		kind       bulk.Kind
		want       bulk.Refusal
	}{
		{"no name", "service,purpose\n,x\n", bulk.Services, bulk.Refusal{Line: 2, Column: "service", Reason: "must not be empty"}},
		{"long name", "service\n" + strings.Repeat("a", 513) + "\n", bulk.Services, bulk.Refusal{Line: 2, Column: "service", Reason: "must not be longer than 512 bytes"}},
		{"line break in a name", "service\n\"a\nb\"\n", bulk.Services, bulk.Refusal{Line: 2, Column: "service", Reason: "must not hold control characters"}},
		{"tags that are no JSON", "metric,tags_json\nup,a;b\n", bulk.Metrics, bulk.Refusal{Line: 2, Column: "tags_json", Reason: "must be JSON"}},
		{"two values", "metric,tags_json\nup,[] []\n", bulk.Metrics, bulk.Refusal{Line: 2, Column: "tags_json", Reason: "must be JSON"}},
		{"tags that are no texts", "metric,tags_json\nup,[1]\n", bulk.Metrics, bulk.Refusal{Line: 2, Column: "tags_json",
			Reason: "must be a JSON array of texts, or an object of texts, numbers and truth values"}},
		{"long tag", "metric,tags_json\nup,\"[\"\"" + strings.Repeat("a", 257) + "\"\"]\"\n", bulk.Metrics,
			bulk.Refusal{Line: 2, Column: "tags_json", Reason: "must not be longer than 256 bytes"}},
		{"allowed is no object", "metric,label,label_allowed_json\nup,job,[]\n", bulk.Metrics, bulk.Refusal{Line: 2, Column: "label_allowed_json", Reason: "must be a JSON object"}},
		{"allowed is deep", "metric,label,label_allowed_json\nup,job," + deep + "\n", bulk.Metrics,
			bulk.Refusal{Line: 2, Column: "label_allowed_json", Reason: "must not be nested deeper than 32"}},
		{"allowed names a member twice", "metric,label,label_allowed_json\nup,job,\"{\"\"a\"\":1,\"\"a\"\":2}\"\n", bulk.Metrics,
			bulk.Refusal{Line: 2, Column: "label_allowed_json", Reason: "must not name a member twice"}},
		{"required in other words", "metric,label,label_required\nup,job,perhaps\n", bulk.Metrics,
			bulk.Refusal{Line: 2, Column: "label_required", Reason: "must be true, 1, yes, false, 0, no or empty"}},
		{"description without a label", "metric,label,label_description\nup,,x\n", bulk.Metrics,
			bulk.Refusal{Line: 2, Column: "label", Reason: "must not be empty beside cells that describe a label"}},
		{"long description of a label", "metric,label,label_description\nup,job," + strings.Repeat("a", 4097) + "\n", bulk.Metrics,
			bulk.Refusal{Line: 2, Column: "label_description", Reason: "must not be longer than 4096 bytes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plan(t, tt.kind, tt.text)
			if len(p.Changes) > 0 || !slices.Equal(p.Refused, []bulk.Refusal{tt.want}) {
				t.Errorf("refused %v, changes %v; want %v", p.Refused, p.Changes, tt.want)
			}
		})
	}
}

func TestGoodRowsBesideRefusedOnes(t *testing.T) {
	p := plan(t, bulk.Metrics, "metric,description,tags_json,label\na,first,x,job\na,second,[],job\na,third,[],job\nb,,,\n")
	want := []definition.Change{metric("a", definition.Content{Description: "second"}), label("a", "job", definition.Content{}), metric("b", definition.Content{})}
	if !same(p.Changes, want) {
		t.Errorf("changes %+v", p.Changes)
	}
	refused := []bulk.Refusal{{Line: 2, Column: "tags_json", Reason: "must be JSON"}, {Line: 4, Column: "label", Reason: "is defined on line 3 already"}}
	if !slices.Equal(p.Refused, refused) {
		t.Errorf("refused %v", p.Refused)
	}
	if got := p.Refused[1].String(); got != "line 4: label is defined on line 3 already" {
		t.Errorf("as a sentence: %s", got)
	}
}

func TestKeep(t *testing.T) {
	p := plan(t, bulk.Operations, "service,operation\na,x\nb,y\n,z\nb,w\n")
	if got := p.Parents(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("parents %v", got)
	}
	p.Keep(map[string]bool{"a": true})
	var lines []int
	for _, r := range p.Refused {
		lines = append(lines, r.Line)
	}
	if len(p.Changes) != 1 || p.Changes[0].Key.Name != "x" || !reflect.DeepEqual(lines, []int{3, 4, 5}) {
		t.Errorf("kept %v, refused %v", p.Changes, p.Refused)
	}
}
