package config

import (
	"reflect"
	"strings"
	"testing"
)

func TestPrintMasksAndReadsBack(t *testing.T) {
	c, err := Load(defaults(), options(t, "tenants:\n- name: demo\n  id: 1:0\n  token: hush\n",
		"JWT_SECRET=hush-hush", "VM_ENDPOINTS=http://user:hush@host:1/"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Print(&out, c, "query"); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if strings.Contains(text, "hush") {
		t.Errorf("a secret is shown:\n%s", text)
	}
	if strings.Count(text, "secret:") != 1 {
		t.Errorf("a key of two packages is not printed once:\n%s", text)
	}
	if strings.Count(text, "\ncache:\n") != 1 {
		t.Errorf("sections are not grouped:\n%s", text)
	}
	again, err := Load(sample{}, options(t, text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	c.Tenants[0].Labels = []string{}
	c.JWT.Secret, c.Again.Secret, c.Tenants[0].Token, c.Points = masked, masked, masked, []string{"http://user:" + masked + "@host:1/"}
	if !reflect.DeepEqual(again, c) {
		t.Errorf("got  %+v\nwant %+v", again, c)
	}
}

func TestTable(t *testing.T) {
	rows, err := Table(defaults(), "query")
	if err != nil {
		t.Fatal(err)
	}
	byKey := map[string]Row{}
	for _, r := range rows {
		byKey[r.Key] = r
	}
	nodes := byKey["cache.nodes"]
	if want := []string{"VALKEY_CACHE_NODES", "VALLEY_CACHE_NODES", "MIRADOR_CACHE_NODES"}; !reflect.DeepEqual(nodes.Env, want) {
		t.Errorf("env %v", nodes.Env)
	}
	if !nodes.Reload || nodes.Default != `["localhost:6379"]` || nodes.Type != "a list of texts" && nodes.Type != "a list of text" {
		t.Errorf("row %+v", nodes)
	}
	if byKey["port"].Reload || byKey["query.listen"].Default != `"127.0.0.1:9101"` {
		t.Errorf("rows %+v %+v", byKey["port"], byKey["query.listen"])
	}
	if doc := byKey["auth.jwt.secret"].Doc; !strings.Contains(doc, "signs tokens") || !strings.Contains(doc, "auth.jwt.secret_file") {
		t.Errorf("doc %q", doc)
	}
	if typ := byKey["tenants"].Type; !strings.Contains(typ, "name, id, limits.requests") {
		t.Errorf("type %q", typ)
	}
	if text := Markdown(rows); strings.Count(text, "\n") != len(rows)+2 || !strings.Contains(text, "| `port` | a whole number | `8080` | `PORT` `MIRADOR_PORT` | restart | port of the edge |") {
		t.Errorf("table:\n%s", text)
	}
}
