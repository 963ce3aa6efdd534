package edge_test

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
)

// GET, form POST and JSON POST mean the same, under every name of the route.
func TestQueryFormsAreEqual(t *testing.T) {
	w := begin(t)
	want := &queryv1.InstantRequest{Query: `up{a="b c"}`, Time: "now-1h", Timeout: "5s", Step: "1m",
		Definitions: &queryv1.DefinitionOptions{Include: proto.Bool(false), Minimal: true, LabelKeys: []string{"a", "b"}}}
	text := "query=up%7Ba%3D%22b+c%22%7D&time=now-1h&timeout=5s&step=1m&include_definitions=0&definitions_minimal=true&label_keys=a,b"
	body := `{"query":"up{a=\"b c\"}","time":"now-1h","timeout":"5s","step":"1m","include_definitions":false,"definitions_minimal":true,"label_keys":["a","b"]}`
	for _, path := range []string{"/api/v1/query", "/query"} {
		for name, ask := range map[string]func() answer{
			"get":  func() answer { return w.do(t, "GET", path+"?"+text, "", viewer) },
			"form": func() answer { return w.do(t, "POST", path, text, viewer, asForm) },
			"json": func() answer { return w.do(t, "POST", path, body, viewer, asJSON+"; charset=utf-8") },
			"mixed": func() answer {
				return w.do(t, "POST", path+"?include_definitions=false&definitions_minimal=1&label_keys=b", strings.NewReplacer(`"include_definitions":false,"definitions_minimal":true,`, `"include_definitions":true,`, `["a","b"]`, `["a"]`).Replace(body), viewer, asJSON)
			},
		} {
			w.query.mu.Lock()
			w.query.instant = nil
			w.query.mu.Unlock()
			a := ask()
			w.query.mu.Lock()
			got := w.query.instant
			w.query.mu.Unlock()
			if a.StatusCode != http.StatusOK || string(a.body) != plain || !proto.Equal(got, want) {
				t.Errorf("%s %s: %d %s\n%v\nwant\n%v", name, path, a.StatusCode, a.body, got, want)
			}
		}
	}
}

func TestOtherHotRows(t *testing.T) {
	w := begin(t)
	ok := func(a answer) {
		t.Helper()
		if a.StatusCode != http.StatusOK || string(a.body) != plain || a.Header.Get("X-Cache") == "" {
			t.Errorf("%d %v %s", a.StatusCode, a.Header, a.body)
		}
	}
	ok(w.do(t, "POST", "/query_range", `{"query":"up","start":1,"end":"2","step":"15s"}`, viewer, asJSON))
	if r := w.query.ranged; r.GetStart() != "1" || r.GetEnd() != "2" || r.GetStep() != "15s" || r.GetDefinitions().Include != nil {
		t.Errorf("range %v", r)
	}
	ok(w.do(t, "GET", "/api/v1/series?match[]=up&match[]=down&start=1&limit=7", "", viewer))
	if s := w.query.selects; len(s.GetMatch()) != 2 || s.GetStart() != "1" || s.GetLimit() != 7 {
		t.Errorf("series %v", s)
	}
	ok(w.do(t, "POST", "/series", `{"match[]":["up"]}`, viewer, asJSON))
	ok(w.do(t, "GET", "/api/v1/label/a%2Fb%25c/values", "", viewer))
	if w.query.label != "a/b%c" {
		t.Errorf("label %q", w.query.label)
	}
	ok(w.do(t, "POST", "/prometheus/api/v1/query_range", "query=up&start=1&end=2&step=3&unknown=4", viewer, asForm))
	if p := w.query.prom; p.GetEndpoint() != "query_range" || len(p.GetParams()) != 5 {
		t.Errorf("prometheus %v", p)
	}
	ok(w.do(t, "GET", "/prometheus/api/v1/label/job/values", "", viewer))
	if p := w.query.prom; p.GetEndpoint() != "label/job/values" {
		t.Errorf("prometheus %v", p)
	}
}

func TestUnknownParametersOfReadsAreTold(t *testing.T) {
	w := begin(t)
	a := w.do(t, "POST", "/query?colour=red", `{"query":"up","tenantId":"demo","size":1}`, viewer, asJSON)
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(string(a.body), `{"warnings":["unknown parameter \"size\" is ignored","unknown parameter \"colour\" is ignored"],"status"`) &&
		!strings.HasPrefix(string(a.body), `{"warnings":["unknown parameter \"colour\" is ignored","unknown parameter \"size\" is ignored"],"status"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	a = w.do(t, "POST", "/api/v1/query/format", `{"query":"up","size":1}`, viewer, asJSON)
	if a.StatusCode != http.StatusOK || a.member("data") != "up" || !strings.Contains(string(a.body), `unknown parameter \"size\" is ignored`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	w.query.text = `{"status":"success","warnings":["theirs"]}`
	a = w.do(t, "GET", "/query?query=up2&colour=red", "", viewer)
	if strings.Count(string(a.body), `"warnings"`) != 1 || a.Header.Get("X-Mirador-Warning") == "" {
		t.Errorf("warnings of the back end: %v %s", a.Header, a.body)
	}
}

func TestCacheHeaders(t *testing.T) {
	w := begin(t)
	w.query.ttl = "60000"
	first := w.do(t, "GET", "/query?query=up", "", viewer)
	second := w.do(t, "POST", "/api/v1/query", `{"query":"up"}`, viewer, asJSON)
	bypass := w.do(t, "GET", "/query?query=up&nocache=1", "", viewer)
	if first.Header.Get("X-Cache") != "MISS" || first.Header.Get("Cache-Status") != "mirador; fwd=miss" {
		t.Errorf("first: %v", first.Header)
	}
	if second.Header.Get("X-Cache") != "HIT" || !strings.HasPrefix(second.Header.Get("Cache-Status"), "mirador; hit; ttl=") || w.query.calls != 2 {
		t.Errorf("second: %v, %d calls", second.Header, w.query.calls)
	}
	if bypass.Header.Get("X-Cache") != "BYPASS" || !w.query.instant.GetNoCache() {
		t.Errorf("bypass: %v", bypass.Header)
	}
	w.epochs.Raise("demo", 7)
	if third := w.do(t, "GET", "/query?query=up", "", viewer); third.Header.Get("X-Cache") != "MISS" {
		t.Errorf("an answer with old definitions was served: %v", third.Header)
	}
	if got := w.query.md.Get("x-mirador-definitions-epoch"); len(got) != 1 || got[0] != "7" {
		t.Errorf("epoch of the call %v", got)
	}
}
