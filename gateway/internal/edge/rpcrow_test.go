package edge_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
)

func TestDeadline(t *testing.T) {
	w := begin(t, func(s *settings) { s.http.RequestTimeout = 100 * time.Millisecond })
	block := make(chan struct{})
	defer close(block)
	w.query.says(func(func(string) error) error { <-block; return nil })
	for _, path := range []string{"/query?query=up", "/query?query=b&timeout=1h", "/query?query=c&timeout=20ms"} {
		a := w.do(t, "GET", path, "", viewer)
		a.problem(t, 504, fault.CodeTimeout)
		if !strings.Contains(string(a.body), "query service") {
			t.Errorf("the stage is not named: %s", a.body)
		}
	}
}

// With the query service gone every query is refused at once, and served again
// when it is back.
func TestQueryServiceGone(t *testing.T) {
	w := begin(t)
	if a := w.do(t, "GET", "/query?query=up", "", viewer); a.StatusCode != http.StatusOK {
		t.Fatalf("before: %d", a.StatusCode)
	}
	w.grpc.Stop()
	a := w.do(t, "GET", "/query?query=b", "", viewer)
	a.problem(t, 503, fault.CodeUnavailable)
	if a.Header.Get("Retry-After") == "" || strings.Contains(string(a.body), "127.0.0.1") {
		t.Errorf("%v %s", a.Header, a.body)
	}
	w.do(t, "GET", "/api/v1/schema/metrics/a", "", viewer).problem(t, 503, fault.CodeUnavailable)
	w.restart(t)
	for deadline := time.Now().Add(20 * time.Second); ; {
		if w.do(t, "GET", "/query?query=c", "", viewer).StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it does not heal")
		}
	}
}

func TestFaultsOfTheServicePass(t *testing.T) {
	w := begin(t)
	w.query.says(func(func(string) error) error {
		return fault.New(fault.CodeQueryTooExpensive, "Query too expensive").WithDetail("100001 points").WithSuggestion("use step=10s")
	})
	a := w.do(t, "GET", "/query?query=up", "", viewer)
	a.problem(t, 422, fault.CodeQueryTooExpensive)
	if a.member("detail") != "100001 points" || !strings.Contains(string(a.body), "use step=10s") {
		t.Errorf("%s", a.body)
	}
	w.query.says(func(func(string) error) error { return errors.New("dial 10.1.2.3: secret") })
	a = w.do(t, "GET", "/query?query=up", "", viewer)
	if a.StatusCode != http.StatusInternalServerError || strings.Contains(string(a.body), "10.1.2.3") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestTranscodedRows(t *testing.T) {
	w := begin(t)
	a := w.do(t, "POST", "/api/v1/schema/metrics", `{"metric":"a","tags":["x"],"tenantId":"demo"}`, editor, asJSON)
	if a.StatusCode != http.StatusOK || string(a.body) != `{"status":"ok"}` || w.schema.got.GetTags().GetListValue().GetValues()[0].GetStringValue() != "x" {
		t.Errorf("upsert: %d %s", a.StatusCode, a.body)
	}
	if w.epochs.Epoch("demo") != 42 {
		t.Error("the epoch of the write was not noted")
	}
	for _, key := range []string{"authorization", "grpcgateway-authorization", "grpcgateway-user-agent", "x-forwarded-host"} {
		if key != "x-forwarded-host" && len(w.schema.md.Get(key)) > 0 {
			t.Errorf("header %s of the client went on", key)
		}
	}
	a = w.do(t, "GET", "/api/v1/schema/metrics/a%2Fb%3Ac.d%25e%20%C3%A9", "", viewer)
	want := `{"tenantId":"demo","metric":"a/b:c.d%e é","description":"","owner":"","tags":[],"updatedAt":null}`
	if a.StatusCode != http.StatusOK || string(a.body) != want {
		t.Errorf("get: %d %s", a.StatusCode, a.body)
	}
	if again := w.do(t, "GET", "/api/v1/schema/metrics/a%2Fb%3Ac.d%25e%20%C3%A9", "", viewer, "If-None-Match: "+a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag: %d", again.StatusCode)
	}
	for name, a := range map[string]answer{
		"get":  w.do(t, "GET", "/api/v1/query/format?query=a%2Bb", "", viewer),
		"form": w.do(t, "POST", "/api/v1/query/format", "query=a%2Bb", viewer, asForm),
		"json": w.do(t, "POST", "/api/v1/query/format", `{"query":"a+b"}`, viewer, asJSON),
		"head": w.do(t, "HEAD", "/api/v1/query/format?query=a%2Bb", "", viewer),
	} {
		if a.StatusCode != http.StatusOK || name != "head" && a.member("data") != "a+b" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
}

// A version that the service names becomes the ETag; If-Match goes to writes.
func TestVersionsOfDefinitions(t *testing.T) {
	w := begin(t)
	const path = "/api/v1/schema/metrics/versioned"
	a := w.do(t, "GET", path, "", viewer, "If-Match: *")
	if a.StatusCode != http.StatusOK || a.Header.Get("ETag") != `"1-abc"` || len(w.schema.md.Get(rpc.KeyIfMatch)) > 0 {
		t.Errorf("get: %d %v, metadata %v", a.StatusCode, a.Header, w.schema.md)
	}
	if again := w.do(t, "GET", path, "", viewer, `If-None-Match: "1-abc"`); again.StatusCode != http.StatusNotModified || len(again.body) > 0 {
		t.Errorf("with its ETag: %d", again.StatusCode)
	}
	for sent, want := range map[string]string{"": "", `"1-abc"`: `"1-abc"`, "*": "*", "\"\xc3\xa9\"": `"?"`} {
		headers := []string{editor, asJSON}
		if sent != "" {
			headers = append(headers, "If-Match: "+sent)
		}
		a := w.do(t, "POST", "/api/v1/schema/metrics", `{"metric":"a"}`, headers...)
		if got := strings.Join(w.schema.md.Get(rpc.KeyIfMatch), " "); a.StatusCode != http.StatusOK || a.Header.Get("ETag") != `"2-abc"` || got != want {
			t.Errorf("If-Match %q: %d, ETag %s, went on as %q", sent, a.StatusCode, a.Header.Get("ETag"), got)
		}
	}
}

// One method behind many paths gets the names of the path that was called.
func TestOneMethodOfManyPaths(t *testing.T) {
	w := begin(t)
	const odd, plain = "a%2Fb%3Ac.d%25%20%C3%A9", "a/b:c.d% é"
	for path, want := range map[string]string{
		"/metrics/" + odd: plain + "||||", "/metrics/up/labels/" + odd: "up|" + plain + "|||", "/logs/fields/" + odd: "||" + plain + "||",
		"/traces/services/" + odd: "|||" + plain + "|", "/traces/services/x/operations/" + odd: "|||x|" + plain,
		"/metrics/versions/labels/restore": "versions|restore|||", "/metrics/search": "search||||",
	} {
		a := w.do(t, "DELETE", "/api/v1/schema"+path, "", editor)
		if a.StatusCode != http.StatusOK || a.member("status") != "delete|"+want {
			t.Errorf("DELETE %s: %d %s", path, a.StatusCode, a.body)
		}
		for _, body := range []string{"", "{}"} {
			a = w.do(t, "POST", "/api/v1/schema"+path+"/versions/3/restore", body, editor, asJSON)
			if a.StatusCode != http.StatusOK || a.member("status") != "restore|"+want+"|3" {
				t.Errorf("restore of %s: %d %s", path, a.StatusCode, a.body)
			}
		}
		a = w.do(t, "POST", "/api/v1/schema"+path+"/versions/three/restore", "", editor)
		a.problem(t, 400, fault.CodeInvalidRequest)
		if a.member("error") != "invalid version" {
			t.Errorf("restore of %s, version three: %s", path, a.body)
		}
		w.do(t, "DELETE", "/api/v1/schema"+path, "", viewer).problem(t, 403, fault.CodeAccessDenied)
	}
}

func TestEdgeNeedsEveryHandler(t *testing.T) {
	if _, err := edge.New(edge.HTTPDefaults(), edge.CORSDefaults(), edge.Parts{Table: emptyTable(t)}); err == nil || !strings.Contains(err.Error(), "has no route") {
		t.Errorf("handlers without rows: %v", err)
	}
	if _, err := edge.New(edge.HTTPDefaults(), edge.CORSDefaults(), edge.Parts{Table: strangeTable(t)}); err == nil || !strings.Contains(err.Error(), `has no handler "nosuch"`) {
		t.Errorf("a row without a handler: %v", err)
	}
}
