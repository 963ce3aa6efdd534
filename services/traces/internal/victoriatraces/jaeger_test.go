package victoriatraces

import (
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
)

// says answers everything with one status and body.
func says(t *testing.T, status int, kind, body string) *Client {
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

const asJSON = "application/json"

func TestListsInEveryShape(t *testing.T) {
	for body, want := range map[string][]string{
		`{"data":["b","a","a",""],"total":3}`: {"a", "b"}, `["b","a"]`: {"a", "b"}, `{"data":null}`: {}, `[]`: {},
		`{"data":[{"name":"a","spanKind":"server"}]}`: {"a"},
	} {
		got, err := says(t, http.StatusOK, asJSON, body).Services(t.Context(), &identity.Identity{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v", body, got, err)
		}
	}
	for _, body := range []string{``, `{`, `{}`, `{"data":3}`, `"a"`, `{"data":[1]}`} {
		_, err := says(t, http.StatusOK, asJSON, body).Services(t.Context(), &identity.Identity{})
		if f := fault.From(err); f == nil || f.Code != fault.CodeBackendFailed {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestJaegersDependencies(t *testing.T) {
	c := says(t, http.StatusOK, asJSON, `{"data":[{"parent":"a","child":"b","callCount":3}],"total":0}`)
	got, err := c.Dependencies(t.Context(), &identity.Identity{}, seedWindow())
	if err != nil || !reflect.DeepEqual(got, []servicemap.Call{{Parent: "a", Child: "b", Count: 3}}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestOnlyJaegersOwnNotFoundIsOne(t *testing.T) {
	for name, tt := range map[string]struct {
		status     int
		kind, body string
		want       fault.Code
	}{
		"jaeger":       {404, asJSON, `{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}`, fault.CodeNotFound},
		"a proxy":      {404, "text/html", "<html>", fault.CodeBackendFailed},
		"another API":  {404, asJSON, `{"message":"no route"}`, fault.CodeBackendFailed},
		"no such path": {400, "text/plain", `unsupported path requested: "/select/jaeger/api/traces/x"`, fault.CodeBackendFailed},
		"its 400":      {400, asJSON, `{"errors":[{"code":400,"msg":"bad thing at 10.0.0.1:9000"}]}`, fault.CodeQueryRejected},
		"broken":       {500, "text/plain", "oops", fault.CodeBackendFailed},
		"busy":         {503, "text/plain", "oops", fault.CodeBackendDown},
		"a page":       {200, "text/html", "<html>", fault.CodeBackendFailed},
	} {
		_, err := says(t, tt.status, tt.kind, tt.body).Trace(t.Context(), &identity.Identity{}, strings.Repeat("a", 32))
		f := fault.From(err)
		if f == nil || f.Code != tt.want || strings.Contains(f.Detail+f.Message, "10.0.0.1") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestNobodyIsNotNotFound(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	c := New(pool(t, s.URL), time.Now)
	_, err := c.Trace(t.Context(), &identity.Identity{}, strings.Repeat("a", 32))
	if f := fault.From(err); f == nil || f.Code != fault.CodeBackendDown {
		t.Errorf("got %v", err)
	}
	if c.Health(t.Context()) == nil {
		t.Error("nobody is healthy")
	}
}

func TestHealth(t *testing.T) {
	if err := says(t, http.StatusOK, "text/plain", "OK").Health(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestABombIsDefused(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", asJSON)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(`{"data":[`))
		for range 64 {
			_, _ = z.Write(make([]byte, 1<<20))
		}
		_ = z.Close()
	})
	_, err := read(c.Search(t.Context(), &identity.Identity{}, criteria.Criteria{Service: "a", Window: seedWindow()}))
	if f := fault.From(err); f == nil || f.Code != fault.CodeAnswerTooLarge {
		t.Errorf("got %v", err)
	}
}

func TestLimitsNeverEndTheServer(t *testing.T) {
	for _, limit := range []int{-1, 0, 1001, -1 << 62} {
		if got := searchQuery(criteria.Criteria{Limit: limit}).Get("limit"); got != "20" {
			t.Errorf("limit %d was sent as %s", limit, got)
		}
	}
}

func TestNamesStayInTheirSegment(t *testing.T) {
	var path string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		w.Header().Set("Content-Type", asJSON)
		_, _ = w.Write([]byte(`[]`))
	})
	for service, want := range map[string]string{"a/../b?x#y": "a%2F..%2Fb%3Fx%23y", "..": "", "Zürich": "Z%C3%BCrich"} {
		path = ""
		if _, err := c.Operations(t.Context(), &identity.Identity{}, service); err != nil {
			t.Error(err)
		}
		if want != "" {
			want = "/select/jaeger/api/services/" + want + "/operations"
		}
		if path != want {
			t.Errorf("%s: asked for %s", service, path)
		}
	}
}
