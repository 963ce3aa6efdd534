package config

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

type sample struct {
	base
	Port     int           `key:"port" env:"PORT" doc:"port of the edge"`
	Listen   string        `key:"{service}.listen"`
	Timeout  time.Duration `key:"database.victoria_metrics.timeout" unit:"ms"`
	Points   []string      `key:"database.victoria_metrics.endpoints" env:"VM_ENDPOINTS"`
	Nodes    []string      `key:"cache.nodes" env:"VALKEY_CACHE_NODES,VALLEY_CACHE_NODES" reload:"true"`
	TTL      time.Duration `key:"cache.ttl" env:"CACHE_TTL" unit:"s" reload:"true"`
	Password string        `key:"cache.password" env:"REDIS_PASSWORD" secret:"true"`
	Enabled  bool          `key:"auth.enabled" env:"AUTH_ENABLED"`
	Ratio    float64       `key:"{service}.ratio"`
	Limit    uint32        `key:"{service}.limit"`
	Notify   string        `key:"notify.endpoint"`
	Tenants  []tenant      `key:"tenants"`
	JWT      jwt           `key:"auth.jwt"`
	Again    jwt           `key:"auth.jwt"`
}

type base struct {
	Level string `key:"log_level" env:"LOG_LEVEL" reload:"true"`
}

func (b base) Validate() error {
	if b.Level == "loud" {
		return errors.New("log_level is loud")
	}
	return nil
}

type tenant struct {
	Name   string   `key:"name"`
	ID     string   `key:"id"`
	Quota  int      `key:"limits.requests"`
	Labels []string `key:"labels"`
	Token  string   `key:"token" secret:"true"`
}

func (t tenant) Validate() error {
	if t.Name == "" {
		return errors.New("name is empty")
	}
	return nil
}

type jwt struct {
	Secret string `key:"secret" env:"JWT_SECRET" secret:"true" doc:"signs tokens"`
}

func (j jwt) Validate() error {
	if j.Secret == "short" {
		return errors.New("secret is short")
	}
	return nil
}

func defaults() sample {
	return sample{base: base{"info"}, Port: 8080, Listen: "127.0.0.1:9101", Timeout: 30 * time.Second,
		Nodes: []string{"localhost:6379"}, TTL: 300 * time.Second, Enabled: true}
}

// options of a service that sees only the given file content and environment.
func options(t *testing.T, content string, env ...string) Options {
	t.Helper()
	dir := t.TempDir()
	o := Options{Service: "query", Dir: dir, Environ: append([]string{"HOME=/nowhere"}, env...)}
	if content != "" {
		o.File = write(t, dir, "mirador.yaml", content)
	}
	return o
}

func TestLoadPrecedence(t *testing.T) {
	file := "port: 1001\ncache:\n  nodes: [a:1, b:2]\n"
	tests := []struct {
		name  string
		file  string
		env   []string
		flags map[string]string
		want  func(*sample)
	}{
		{"defaults", "", nil, nil, func(*sample) {}},
		{"file", file, nil, nil, func(s *sample) { s.Port = 1001; s.Nodes = []string{"a:1", "b:2"} }},
		{"prefixed environment over file", file, []string{"MIRADOR_PORT=1002"}, nil,
			func(s *sample) { s.Port = 1002; s.Nodes = []string{"a:1", "b:2"} }},
		{"plain environment over prefixed", file, []string{"MIRADOR_PORT=1002", "PORT=1003"}, nil,
			func(s *sample) { s.Port = 1003; s.Nodes = []string{"a:1", "b:2"} }},
		{"flag over all", file, []string{"MIRADOR_PORT=1002", "PORT=1003"}, map[string]string{"port": "1004"},
			func(s *sample) { s.Port = 1004; s.Nodes = []string{"a:1", "b:2"} }},
		{"empty variable counts as absent", file, []string{"PORT="}, nil,
			func(s *sample) { s.Port = 1001; s.Nodes = []string{"a:1", "b:2"} }},
		{"comma list", "", []string{"VM_ENDPOINTS= http://a:1 ,,http://b:2,"}, nil,
			func(s *sample) { s.Points = []string{"http://a:1", "http://b:2"} }},
		{"old name", "", []string{"VALLEY_CACHE_NODES=old:1"}, nil, func(s *sample) { s.Nodes = []string{"old:1"} }},
		{"new name over old", "", []string{"VALLEY_CACHE_NODES=old:1", "VALKEY_CACHE_NODES=new:1"}, nil,
			func(s *sample) { s.Nodes = []string{"new:1"} }},
		{"seconds", "", []string{"CACHE_TTL=60"}, nil, func(s *sample) { s.TTL = time.Minute }},
		{"milliseconds", "database:\n  victoria_metrics:\n    timeout: 1500\n", nil, nil,
			func(s *sample) { s.Timeout = 1500 * time.Millisecond }},
		{"duration text", "cache:\n  ttl: 1m30s\n", nil, nil, func(s *sample) { s.TTL = 90 * time.Second }},
		{"service key", "query:\n  listen: :7\n", nil, nil, func(s *sample) { s.Listen = ":7" }},
		{"service key in environment", "", []string{"MIRADOR_QUERY_LISTEN=:8"}, nil, func(s *sample) { s.Listen = ":8" }},
		{"numbers", "query:\n  ratio: 0.25\n  limit: 7\n", nil, nil, func(s *sample) { s.Ratio, s.Limit = 0.25, 7 }},
		{"bool text", "", []string{"AUTH_ENABLED=False"}, nil, func(s *sample) { s.Enabled = false }},
		{"number as text", "cache:\n  password: 12345\n", nil, nil, func(s *sample) { s.Password = "12345" }},
		{"upper-case keys", "Cache:\n  TTL: 5\n", nil, nil, func(s *sample) { s.TTL = 5 * time.Second }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t, tt.file, tt.env...)
			o.Flags = tt.flags
			got, err := Load(defaults(), o)
			if err != nil {
				t.Fatal(err)
			}
			want := defaults()
			tt.want(&want)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestLoadListOfObjects(t *testing.T) {
	want := []tenant{
		{Name: "Demo", ID: "1:0", Quota: 5, Labels: []string{"A", "b"}, Token: "t"},
		{Name: "other", ID: "2"},
	}
	file := "tenants:\n- Name: Demo\n  id: 1:0\n  token: t\n  limits: {requests: 5}\n  labels: [A, b]\n- name: other\n  id: 2\n"
	json := `[{"name":"Demo","id":"1:0","token":"t","limits":{"requests":5},"labels":["A","b"]},{"name":"other","id":2}]`
	for name, o := range map[string]Options{
		"file":        options(t, file),
		"environment": options(t, "", "MIRADOR_TENANTS="+json),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Load(defaults(), o)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Tenants, want) {
				t.Errorf("got  %+v\nwant %+v", got.Tenants, want)
			}
		})
	}
}

func TestLoadFaults(t *testing.T) {
	tests := []struct {
		name, file string
		env        []string
		want       []string
	}{
		{"unknown top-level key", "prot: 1\n", nil, []string{`unknown key "prot" in `, `did you mean "port"?`}},
		{"unknown nested key", "cache:\n  tll: 1\n", nil, []string{`unknown key "cache.tll"`, `"cache.ttl"`}},
		{"unknown key in own section", "query:\n  limti: 1\n", nil, []string{`"query.limti"`, `"query.limit"`}},
		{"unknown key in a list", "tenants:\n- naem: a\n  name: a\n", nil, []string{"tenants", `"naem"`, `"name"`}},
		{"misspelt contract section", "databse:\n  x: 1\n", nil, []string{`"databse"`, `"database"`}},
		{"wrong type", "port: many\n", nil, []string{"port (from ", "a whole number", `"many"`}},
		{"wrong type in environment", "", []string{"PORT=many"}, []string{"port (from PORT)"}},
		{"list for a scalar", "port: [1]\n", nil, []string{"port", "single value"}},
		{"scalar for a section", "cache: 7\n", nil, []string{"cache", "want an object"}},
		{"number out of range", "query:\n  limit: 4294967296\n", nil, []string{"query.limit", "whole number"}},
		{"bare number without unit form", "cache:\n  ttl: soon\n", nil, []string{"cache.ttl", "a duration"}},
		{"decimal for a text", "tenants:\n- name: 1.10\n", nil, []string{"quotes"}},
		{"secret stays out of the error", "cache:\n  password: [hush]\n", nil, []string{"cache.password", "a text"}},
		{"all faults together", "prot: 1\nport: x\nquery:\n  ratio: y\n", nil, []string{"prot", "port (from", "query.ratio"}},
		{"validation of nested structs", "log_level: loud\nauth:\n  jwt:\n    secret: short\ntenants:\n- id: 1\n", nil,
			[]string{"log_level is loud", "auth.jwt: secret is short", "tenants[0]: name is empty"}},
		{"broken file", "port: [\n", nil, []string{"read configuration"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(defaults(), options(t, tt.file, tt.env...))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q:\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("error shows the secret: %v", err)
			}
		})
	}
}

func TestUnknownFlag(t *testing.T) {
	o := options(t, "")
	o.Flags = map[string]string{"cache.tll": "1"}
	if _, err := Load(defaults(), o); err == nil || !strings.Contains(err.Error(), `did you mean "cache.ttl"?`) {
		t.Errorf("got %v", err)
	}
}

func TestValidateReportsPromotedFaultOnce(t *testing.T) {
	_, err := Load(defaults(), options(t, "log_level: loud\n"))
	if err == nil || strings.Count(err.Error(), "log_level is loud") != 1 {
		t.Errorf("got %v", err)
	}
}

func TestForeignKeysPass(t *testing.T) {
	file := `
gateway: {listen: ":8080", anything: {goes: here}}
notify: {endpoint: "x:1", anything: {goes: here}}
query: {endpoint: "x:1"}
schema: {listen: x}
websocket: {enabled: true}
weaviate: {enabled: false, unheard_of: 1}
auth: {enabled: true, users: [{name: admin}], anonymous: {tenant: demo}, ldap: {url: ldap://x}, rbac: {enabled: true}}
cache: {db: 3}
database: {victoria_logs: {endpoints: [x]}}
`
	if _, err := Load(defaults(), options(t, file)); err != nil {
		t.Errorf("keys of other services are refused: %v", err)
	}
}

type withMap struct {
	Labels map[string]string `key:"labels"`
}

type withoutKey struct {
	Port int
}

func TestUnsupportedStructs(t *testing.T) {
	if _, err := Load(withMap{}, options(t, "")); err == nil || !strings.Contains(err.Error(), "list of objects") {
		t.Errorf("a map is taken: %v", err)
	}
	if _, err := Load(withoutKey{}, options(t, "")); err == nil || !strings.Contains(err.Error(), "no key tag") {
		t.Errorf("a field without key is taken: %v", err)
	}
	if _, err := Load(7, options(t, "")); err == nil {
		t.Error("a number is taken for a struct")
	}
}

type derived struct {
	Host string `key:"environment"`
	URL  string `key:"port"`
}

func (d *derived) Complete() { d.URL = "http://" + d.Host }

func (d *derived) Validate() error {
	if d.URL != "http://test" {
		return errors.New("url is not derived")
	}
	return nil
}

func TestCompleteRunsBeforeValidate(t *testing.T) {
	if _, err := Load(derived{Host: "test"}, options(t, "")); err != nil {
		t.Error(err)
	}
}
