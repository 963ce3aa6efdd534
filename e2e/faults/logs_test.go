package faults

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

// TestLogsAndTracesAway takes the two back ends away and then a service. The
// rest goes on, and each answer says what is missing.
func TestLogsAndTracesAway(t *testing.T) {
	// Something that takes the demo's writes until it is gone.
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	t.Cleanup(sink.Close)
	logs, traces := newDoor(t, sink.URL), newDoor(t, sink.URL)
	s := boot(t, "DEMO_HOURS=1", "VL_ENDPOINTS="+logs.url(), "VT_ENDPOINTS="+traces.url())
	logs.shut()
	traces.shut()
	viewer := user(t, s, "MIRADOR_VIEWER_TOKEN")
	viewer.Get(t, "/ready").Want(t, 200)
	viewer.Get(t, query).Want(t, 200)
	for _, path := range []string{"/api/v1/logs/query?query=*", "/api/v1/logs/search", "/api/v1/logs/histogram", "/api/v1/logs/facets",
		"/api/v1/logs/export?query=*", "/api/v1/logs/streams", "/api/v1/logs/fields", "/api/v1/logs/patterns",
		"/api/v1/traces/0af7651916cd43dd8448eb211c80319c", "/api/v1/traces/0af7651916cd43dd8448eb211c80319c/flamegraph"} {
		a := viewer.Get(t, path).WantProblem(t, 503, "backend_unavailable")
		if strings.Contains(string(a.Body), "127.0.0.1") {
			t.Errorf("%s tells an address: %s", path, a.Body)
		}
	}
	for _, path := range []string{"/api/v1/traces/services", "/api/v1/traces/services/checkout/operations", "/api/v1/traces/search?service=checkout"} {
		a := viewer.Get(t, path).Want(t, 200)
		if a.At("metadata", "degraded") != true || a.At("metadata", "backend") != "victoria_traces" || a.Header.Get("X-Backend-Degraded") != "victoria_traces" {
			t.Errorf("%s: %v %s", path, a.Header, a.Body)
		}
	}
	eventually(t, "the status names both", func() bool {
		a := viewer.Get(t, "/microservices/status").Want(t, 200)
		return a.At("checks", "victoria_logs", "status") == "degraded" && a.At("checks", "victoria_traces", "status") == "degraded"
	})
}

func TestLogsServiceKilled(t *testing.T) {
	s := boot(t)
	viewer := user(t, s, "MIRADOR_VIEWER_TOKEN")
	tail := viewer.Tail(t, "/api/v1/logs/tail")
	defer tail.Vanish()
	tail.Next(t, "row")
	pid, err := s.PID("logs")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a 503 while the logs service is away", func() bool {
		a := viewer.Get(t, "/api/v1/logs/fields")
		return a.Status == 503 && a.At("code") == "service_unavailable"
	})
	viewer.Get(t, query).Want(t, 200)
	viewer.Get(t, "/api/v1/traces/services").Want(t, 200)
	eventually(t, "answers again", func() bool { return viewer.Get(t, "/api/v1/logs/fields").Status == 200 })
	if f := tail.Next(t, "row"); fmt.Sprint(f.Data["_time"]) == "" {
		t.Errorf("the tail does not go on: %v", f)
	}
}
