package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// start serves o with a clock that stands still an hour after agreementBase.
func start(t *testing.T, o Options) (*Server, string) {
	t.Helper()
	o.Now = func() time.Time { return time.Unix(agreementBase+3600, 0) }
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, web.URL
}

// TestTenantsSeeTheirOwn asks every read route of two tenants: each finds its
// own marker and never the other's.
func TestTenantsSeeTheirOwn(t *testing.T) {
	_, base := start(t, Options{})
	for tenant, marker := range map[string]string{"1": "first", "2:5": "second"} {
		post(t, base+"/insert/"+tenant+"/prometheus/api/v1/import/prometheus",
			fmt.Sprintf("# HELP shared %s\nshared{marker=%q} 1 %d000\n", marker, marker, agreementBase+3590))
	}
	routes := []string{
		"api/v1/query?query=shared", "api/v1/query?query=shared[5m]", "api/v1/query_range?step=60&query=shared",
		"api/v1/series?match[]=shared", "api/v1/label/marker/values", "api/v1/export?match[]=shared", "federate?match[]=shared",
		"api/v1/export/csv?format=marker,__value__&match[]=shared", "api/v1/status/tsdb", "api/v1/metadata",
		"api/v1/query?query=" + url.QueryEscape(`shared or {marker!=""} or {vm_account_id!="x"}`),
	}
	for _, route := range routes {
		for tenant, marker := range map[string]string{"1": "first", "1:0": "first", "2:5": "second"} {
			body, err := fetch(base + "/select/" + tenant + "/prometheus/" + route)
			if err != nil {
				t.Fatal(err)
			}
			other := map[string]string{"first": "second", "second": "first"}[marker]
			if !strings.Contains(body, marker) || strings.Contains(body, other) {
				t.Errorf("tenant %s, %s: %s", tenant, route, body)
			}
		}
	}
	for _, empty := range []string{"/select/2", "/select/0", "/select/77:1"} {
		if body, err := fetch(base + empty + "/prometheus/api/v1/query?query=shared"); err != nil || !strings.Contains(body, `"result":[]`) {
			t.Errorf("%s: %s, %v", empty, body, err)
		}
	}
}

// TestBothForms finds tenant 0:0 on the single node's paths and the cluster's.
func TestBothForms(t *testing.T) {
	_, base := start(t, Options{})
	post(t, base+"/api/v1/import/prometheus", "up 1\n")
	for path, want := range map[string]string{
		"/api/v1/query?query=up":                       `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up"},"value":[1795172400,"1"]}]},"stats":{"seriesFetched": "1","executionTimeMsec":`,
		"/prometheus/api/v1/query?query=up":            `{"status":"success","data"`,
		"/select/0/prometheus/api/v1/query?query=up":   `{"status":"success","isPartial":false,"data":{"resultType":"vector","result":[{"metric":{"__name__":"up"}`,
		"/select/0:0/prometheus/api/v1/labels":         `{"status":"success","isPartial":false,"data":["__name__"]}`,
		"/select/prometheus/api/v1/query?query=up":     `{"status":"success","isPartial":false,`,
		"/admin/tenants":                               `{"status":"success","data":["0:0"]}`,
		"/select/0/prometheus/api/v1/nothing":          `unsupported path requested: "/select/0/prometheus/api/v1/nothing"`,
		"/health":                                      "OK",
		"/api/v1/query?query=up&step=0":                `{"status":"error","errorType":"400","error":"step=0ms is out of allowed range [1ms ... 3153600000000ms]"}`,
		"/api/v1/query?query=up&extra_label=job":       `{"status":"error","errorType":"400","error":"` + "`extra_label`",
		"/api/v1/query_range?query=sum(&step=60":       `{"status":"error","errorType":"400","error":"error when executing query=`,
		"/api/v1/query_range?query=up&step=1&start=1":  `{"status":"error","errorType":"422","error":"error when executing query=`,
		"/api/v1/query?query=up&round_digits=x":        `{"status":"error","errorType":"400"`,
		"/api/v1/query?query=up&time=9223372036854775": `{"status":"success"`,
	} {
		if body, err := fetch(base + path); err != nil || !strings.HasPrefix(body, want) {
			t.Errorf("%s: %s, %v\nwant %s", path, body, err, want)
		}
	}
}

func TestTenantsAreBounded(t *testing.T) {
	_, base := start(t, Options{MaxTenants: 1})
	post(t, base+"/insert/1/prometheus/api/v1/import/prometheus", "up 1\n")
	res, err := http.Post(base+"/insert/2/prometheus/api/v1/import/prometheus", "text/plain", strings.NewReader("up 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("second tenant of one: %s", res.Status)
	}
}

// TestFullServerSaysSo asks a server all of whose slots are taken.
func TestFullServerSaysSo(t *testing.T) {
	s, _ := start(t, Options{})
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/query?query=up", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestStraySamplesAreDropped writes a sample years ahead, which must not make
// the others too old.
func TestStraySamplesAreDropped(t *testing.T) {
	_, base := start(t, Options{})
	post(t, base+"/api/v1/import/prometheus", "up 1 4102444800000\nold 1 1000\n")
	post(t, base+"/api/v1/import/prometheus", "up 2\n")
	body, err := fetch(base + "/api/v1/export?match[]=" + url.QueryEscape(`{__name__!=""}`) + "&end=4102444800")
	if err != nil || body != `{"metric":{"__name__":"up"},"values":[2],"timestamps":[1795172400000]}`+"\n" {
		t.Errorf("%s, %v", body, err)
	}
}

func TestDataFolderMustBeOne(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Dir: file}); err == nil {
		t.Error("a file serves as data folder")
	}
}

func TestParseTime(t *testing.T) {
	now := time.UnixMilli(1795343600000)
	for text, want := range map[string]int64{
		"1795168800": 1795168800000, "1795168800.5": 1795168800500, "1795168800123": 1795168800123,
		"1795168800123456": 1795168800123, "1795168800123456789": 1795168800123,
		"2026-11-20T10:00:00Z": 1795168800000, "2026-11-20T11:00:00+01:00": 1795168800000, "2026-11-20T10": 1795168800000,
		"2026-11-20": 1795132800000, "2026-11": 1793491200000, "2026": 1767225600000,
		"now": 1795343600000, "now-1h": 1795340000000, "now+1m": 1795343660000, "1h": 1795340000000, "-1h": 1795340000000, "-5": -5000,
	} {
		if got, err := parseTime(text, now); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "2026-13-01", "now-", "", "1h-"} {
		if got, err := parseTime(text, now); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}

func FuzzArguments(f *testing.F) {
	f.Add("now-1h", "5m")
	f.Add("1e400", "NaN")
	f.Add("2026-11-20T10:00", "-1i")
	f.Fuzz(func(t *testing.T, instant, duration string) {
		now := time.UnixMilli(1795343600000)
		first, err1 := parseTime(instant, now)
		again, err2 := parseTime(instant, now)
		if first != again || (err1 == nil) != (err2 == nil) {
			t.Errorf("%q: %d then %d", instant, first, again)
		}
		if ms, err := parseDuration(duration); err != nil && ms != 0 {
			t.Errorf("%q: %d with %v", duration, ms, err)
		}
	})
}

func FuzzJSONString(f *testing.F) {
	f.Add("a\"\\\n\x00\xff é")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil || utf8.ValidString(s) && back != s {
			t.Errorf("%q becomes %q, %v", s, back, err)
		}
	})
}
