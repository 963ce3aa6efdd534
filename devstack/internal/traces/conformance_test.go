package traces

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is the moment of the recording.
func recorded() time.Time { return time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC) }

// TestConformance replays every exchange in order.
func TestConformance(t *testing.T) {
	web := httptest.NewServer(New(Options{Now: recorded}))
	t.Cleanup(web.Close)
	known, passed := differencesByID(), 0
	all := readTranscripts(t)
	for _, e := range all {
		t.Run(e.id(), func(t *testing.T) {
			if replay(t, e, web.URL, known) {
				passed++
			}
		})
	}
	t.Logf("%d of %d exchanges pass", passed, len(all))
}

// replay says whether the answer is the recorded one; whether it should be is
// the list's to say.
func replay(t *testing.T, e exchange, base string, known map[string]string) bool {
	t.Helper()
	got, err := e.send(t.Context(), base)
	if err == nil {
		err = e.check(got)
	}
	reason, listed := known[e.id()]
	switch {
	case err != nil && !listed:
		t.Error(err)
	case err == nil && listed:
		t.Errorf("this exchange passes: take it off the list of differences (%s)", reason)
	}
	return err == nil
}

const realURL = "VICTORIATRACES_URL"

// TestRealServer replays the exchanges with a real server that holds nothing
// yet, was started with a retention that reaches the seed, and may need some
// seconds to show a write.
func TestRealServer(t *testing.T) {
	base := strings.TrimSuffix(os.Getenv(realURL), "/")
	if base == "" {
		t.Skip("no real server given: set " + realURL)
	}
	shown := false
	for _, e := range readTranscripts(t) {
		if e.Request.Method == http.MethodGet && !strings.HasPrefix(e.Request.Path, "/insert/") && !shown {
			await(t, base)
			shown = true
		}
		t.Run(e.id(), func(t *testing.T) {
			if e.Response.Connection != "" || e.Name == "services_after_too_old" {
				return // it would end the server; the retention is another one
			}
			replay(t, e, base, nil)
		})
	}
}

// await waits until the last write is visible.
func await(t *testing.T, base string) {
	t.Helper()
	var probe exchange
	probe.Request.Path = "/select/jaeger/api/services"
	probe.Request.Headers = map[string]string{"AccountID": "14"}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		got, err := probe.send(t.Context(), base)
		if err == nil && strings.Contains(string(got.body), `"short"`) {
			return
		}
		select {
		case <-t.Context().Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	t.Fatal("the seed did not become visible")
}
