package traces

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is the moment of the recording.
func recorded() time.Time { return time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC) }

// TestConformance replays every exchange in order.
func TestConformance(t *testing.T) {
	web := httptest.NewServer(New(Options{Now: recorded}))
	t.Cleanup(web.Close)
	transcript.Conform(t, transcript.Read(t, "victoriatraces"), differences(), func(ctx context.Context, e transcript.Exchange) error {
		return replay(ctx, e, web.URL)
	})
}

// replay is nil when the answer is the recorded one.
func replay(ctx context.Context, e transcript.Exchange, base string) error {
	got, err := e.Send(ctx, base)
	if err != nil {
		return err
	}
	return check(e, got)
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
	for _, e := range transcript.Read(t, "victoriatraces") {
		if e.Request.Method == http.MethodGet && !strings.HasPrefix(e.Request.Path, "/insert/") && !shown {
			awaitSeed(t, base)
			shown = true
		}
		t.Run(e.ID(), func(t *testing.T) {
			if e.Response.Connection != "" || e.Name == "services_after_too_old" {
				return // it would end the server; the retention is another one
			}
			if err := replay(t.Context(), e, base); err != nil {
				t.Error(err)
			}
		})
	}
}

// awaitSeed waits until the last write is visible.
func awaitSeed(t *testing.T, base string) {
	t.Helper()
	var probe transcript.Exchange
	probe.Request.Path = "/select/jaeger/api/services"
	probe.Request.Headers = map[string]string{"AccountID": "14"}
	err := transcript.Eventually(t.Context(), time.Minute, func(ctx context.Context) error {
		got, err := probe.Send(ctx, base)
		if err == nil && !strings.Contains(string(got.Body), `"short"`) {
			err = errors.New("the seed is not visible")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
