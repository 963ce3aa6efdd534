package problem_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/problem"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDocument(t *testing.T) {
	f := fault.New(fault.CodeQueryInvalid, "Invalid MetricsQL query: x").WithDetail("at %d", 3).WithField("/query", "bad").
		WithSuggestion("try").WithRetryAfter(1500*time.Millisecond).WithExtra("position", map[string]any{"line": 1.0}).
		WithExtra("status", "error")
	var got map[string]any
	if err := json.Unmarshal(problem.Document(f, problem.Context{Instance: "/q", RequestID: "r", TraceID: "t"}), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"type": "/problems/query_invalid", "title": fault.CodeQueryInvalid.Entry().Title, "status": 400.0,
		"code": "query_invalid", "error": "Invalid MetricsQL query: x", "detail": "at 3", "instance": "/q", "request_id": "r",
		"trace_id": "t", "errors": []any{map[string]any{"pointer": "/query", "detail": "bad"}}, "suggestions": []any{"try"},
		"retry_after": 2.0, "position": map[string]any{"line": 1.0}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
}

func TestEveryCodeHasAPageAndShapes(t *testing.T) {
	for _, e := range fault.Catalog() {
		page, ok := problem.Page(string(e.Code))
		if !ok || !strings.Contains(string(page), string(e.Code)) {
			t.Errorf("%s has no page", e.Code)
		}
		var prom struct{ Status, ErrorType, Error string }
		if err := json.Unmarshal(problem.Prometheus(fault.New(e.Code, "")), &prom); err != nil || prom.Status != "error" || prom.ErrorType == "" || prom.Error == "" {
			t.Errorf("%s in Prometheus' shape: %+v, %v", e.Code, prom, err)
		}
	}
	if _, ok := problem.Page("nosuch"); ok {
		t.Error("an unknown code has a page")
	}
}

func TestWhatCannotBeEncodedStillAnswers(t *testing.T) {
	b := problem.Document(fault.New(fault.CodeInternal, "x").WithExtra("f", func() {}), problem.Context{})
	if !json.Valid(b) || !strings.Contains(string(b), "500") {
		t.Errorf("%s", b)
	}
}

func TestRetryAfterRoundsUp(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2"} {
		if got := problem.RetryAfter(fault.New(fault.CodeBusy, "x").WithRetryAfter(wait)); got != want {
			t.Errorf("%s: %q, want %q", wait, got, want)
		}
	}
}
