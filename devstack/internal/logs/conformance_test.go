package logs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is the moment of the recording that "now" stands for, except for
// tails, which see the rows of their own time.
var recorded = time.Date(2026, 11, 22, 10, 47, 43, 0, time.UTC)

var recordedAt = map[string]time.Time{
	"victorialogs/10-tail/tail_live":           recorded.Add(3 * time.Second),
	"victorialogs/10-tail/tail_offset_refresh": recorded.Add(17 * time.Second),
	"victorialogs/10-tail/tail_start_offset":   recorded.Add(25 * time.Second),
	"victorialogs/10-tail/tail_extra_filters":  recorded.Add(25 * time.Second),
}

// TestConformance replays every exchange.
func TestConformance(t *testing.T) {
	var now atomic.Int64
	s := New(Options{Now: func() time.Time { return time.Unix(0, now.Load()) }})
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		_ = s.Close()
		web.Close()
	})
	transcript.Conform(t, transcript.Read(t, "victorialogs"), differences(), func(ctx context.Context, e transcript.Exchange) error {
		now.Store(recorded.UnixNano())
		if at, ok := recordedAt[e.ID()]; ok {
			now.Store(at.UnixNano())
		}
		return replay(ctx, e, web.URL)
	})
}

// replay is nil when the answer is the recorded one.
func replay(ctx context.Context, e transcript.Exchange, base string) error {
	if len(e.Response.Chunks) > 0 {
		return replayTail(ctx, e, base)
	}
	got, err := e.Send(ctx, base)
	if err != nil {
		return err
	}
	return check(e, got)
}

// replayTail writes the rows that the recording saw, unless they are there
// already, and reads them from the stream.
func replayTail(ctx context.Context, e transcript.Exchange, base string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	res, err := e.Open(ctx, base)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := transcript.Same(res.Header.Get("Content-Type"), e.Response.Headers["Content-Type"]); err != nil {
		return err
	}
	var want []string
	for _, c := range e.Response.Chunks {
		want = append(want, strings.Split(strings.TrimSpace(c.Text), "\n")...)
	}
	if e.Arg("start_offset") == "" {
		if err := writeTailed(ctx, base, want); err != nil {
			return err
		}
	}
	sc := bufio.NewScanner(res.Body)
	for _, line := range want {
		if !sc.Scan() {
			return fmt.Errorf("the stream ended before %s: %w", line, sc.Err())
		}
		if err := transcript.Same(fields(sc.Text()), fields(line)); err != nil {
			return err
		}
	}
	return nil
}

func fields(line string) (all map[string]string) {
	_ = json.Unmarshal([]byte(line), &all) // what is no JSON equals nothing
	return all
}

func writeTailed(ctx context.Context, base string, lines []string) error {
	for _, line := range lines {
		row := fields(line)
		body, _ := json.Marshal(map[string]string{"_time": row["_time"], "_msg": row["_msg"], "service": "tailed"})
		insert := transcript.Exchange{Request: transcript.Request{
			Method: http.MethodPost, Path: "/insert/jsonline", Query: [][2]string{{"_stream_fields", "service"}},
			Headers: map[string]string{"Content-Type": "application/stream+json"}, Body: string(body),
		}}
		if _, err := insert.Send(ctx, base); err != nil {
			return err
		}
	}
	return nil
}

const realURL = "VICTORIALOGS_URL"

// TestRealServer replays the exchanges, tails aside, with a real server of the
// recorded version that holds nothing yet and was started with a retention
// that reaches the seed.
func TestRealServer(t *testing.T) {
	base := strings.TrimSuffix(os.Getenv(realURL), "/")
	if base == "" {
		t.Skip("no real server given: set " + realURL)
	}
	for _, e := range transcript.Read(t, "victorialogs") {
		t.Run(e.ID(), func(t *testing.T) {
			if len(e.Response.Chunks) > 0 {
				return // the rows lie in the past now
			}
			if err := replayReal(t.Context(), e, base); err != nil {
				t.Error(err)
			}
		})
	}
}

// replayReal replays until the answer is the recorded one: a real server needs
// a second or two to show a write.
func replayReal(ctx context.Context, e transcript.Exchange, base string) error {
	try := func(ctx context.Context) error { return replay(ctx, e, base) }
	if strings.HasPrefix(e.Request.Path, "/insert/") {
		return try(ctx)
	}
	return transcript.Eventually(ctx, 10*time.Second, try)
}
