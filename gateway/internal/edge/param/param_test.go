package param_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParse(t *testing.T) {
	tests := []struct {
		name, raw string
		want      []param.Pair
		bad       bool
	}{
		{"nothing", "", nil, false},
		{"order is kept", "b=1&a=2&b=3", []param.Pair{{"b", "1"}, {"a", "2"}, {"b", "3"}}, false},
		{"escapes", "a%5B%5D=x+y%26", []param.Pair{{"a[]", "x y&"}}, false},
		{"no value", "a&b=", []param.Pair{{"a", ""}, {"b", ""}}, false},
		{"empty parts", "&&a=1&", []param.Pair{{"a", "1"}}, false},
		{"equals in a value", "q=a=b", []param.Pair{{"q", "a=b"}}, false},
		{"broken value", "a=%z", nil, true},
		{"broken name", "%=1", nil, true},
		{"too many", strings.Repeat("a&", 1001), nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := param.Parse(tt.raw)
			if (err != nil) != tt.bad || err == nil && !reflect.DeepEqual(s.Pairs(), tt.want) {
				t.Errorf("%v, %v", s.Pairs(), err)
			}
		})
	}
}

func TestSet(t *testing.T) {
	s, err := param.Parse("a=1&b=2&a=1&c=3&c=4&d=5")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := s.One("a"); v != "1" || err != nil {
		t.Errorf("the same value twice: %q, %v", v, err)
	}
	if _, err := s.One("c"); err == nil {
		t.Error("two values passed as one")
	}
	if v, err := s.One("x"); v != "" || err != nil {
		t.Errorf("absent: %q, %v", v, err)
	}
	if got := s.All("c", "b"); !reflect.DeepEqual(got, []string{"2", "3", "4"}) {
		t.Errorf("all %v", got)
	}
	if got := s.Unknown("a", "d"); !reflect.DeepEqual(got, []string{"b", "c"}) {
		t.Errorf("unknown %v", got)
	}
}

func TestMembers(t *testing.T) {
	tests := []struct {
		name, body string
		want       []param.Pair
		bad        bool
	}{
		{"kinds", `{"a":"x","b":1.5,"c":true,"d":null,"e":["y",2]}`, []param.Pair{{"a", "x"}, {"b", "1.5"}, {"c", "true"}, {"e", "y"}, {"e", "2"}}, false},
		{"object", `{"a":{}}`, nil, true},
		{"list of lists", `{"a":[[]]}`, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var members map[string]json.RawMessage
			if err := json.Unmarshal([]byte(tt.body), &members); err != nil {
				t.Fatal(err)
			}
			s, err := param.Members(members)
			if (err != nil) != tt.bad || err == nil && !reflect.DeepEqual(s.Pairs(), tt.want) {
				t.Errorf("%v, %v", s.Pairs(), err)
			}
		})
	}
}

func TestForbidden(t *testing.T) {
	for name, bad := range map[string]bool{
		"extra_filters": true, "extra_filters[]": true, "EXTRA_LABEL": true, "extra_stream_filters": true, "extra-label": true,
		"AccountID": true, "account_id": true, "accountid": true, "Project-ID": true, "projectID[]": true,
		"query": false, "extra": false, "extraordinary": false, "account": false, "tenantId": false,
	} {
		if err := param.Forbidden([]string{"query", name}); (err != nil) != bad {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIsTenant(t *testing.T) {
	for name, want := range map[string]bool{"tenantId": true, "tenant_id": true, "TENANT": true, "x-tenant-id": true, "tenants": false, "query": false} {
		if param.IsTenant(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

// What is read must be what net/url reads, wherever both accept.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a=b&c", "a%20=+&", "=&=", "a[]=1", "%", "a=%e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := param.Parse(raw)
		want, wantErr := url.ParseQuery(raw)
		if err != nil || wantErr != nil {
			return
		}
		for name, values := range want {
			if !reflect.DeepEqual(got.All(name), values) {
				t.Errorf("%q: %s is %v, want %v", raw, name, got.All(name), values)
			}
		}
	})
}
