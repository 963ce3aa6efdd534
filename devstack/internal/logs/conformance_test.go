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
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is the moment of the recording that "now" stands for, except for
// tails, which see the rows of their own time.
var recorded = time.Date(2026, 11, 22, 10, 47, 43, 0, time.UTC)

var recordedAt = map[string]time.Time{
	"10-tail/tail_live":           recorded.Add(3 * time.Second),
	"10-tail/tail_offset_refresh": recorded.Add(17 * time.Second),
	"10-tail/tail_start_offset":   recorded.Add(25 * time.Second),
	"10-tail/tail_extra_filters":  recorded.Add(25 * time.Second),
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
	known, passed, all := differencesByID(), 0, readTranscripts(t)
	for _, e := range all {
		t.Run(e.id(), func(t *testing.T) {
			now.Store(recorded.UnixNano())
			if at, ok := recordedAt[e.id()]; ok {
				now.Store(at.UnixNano())
			}
			if replay(t, e, web.URL, known) {
				passed++
			}
		})
	}
	t.Logf("%d of %d exchanges pass, %d are stated differences", passed, len(all), len(known))
}

func replay(t *testing.T, e exchange, base string, known map[string]string) bool {
	err := e.replay(t.Context(), base)
	reason, listed := known[e.id()]
	switch {
	case err != nil && !listed:
		t.Error(err)
	case err == nil && listed:
		t.Errorf("this exchange passes: take it off the list of differences (%s)", reason)
	}
	return err == nil
}

func (e exchange) replay(ctx context.Context, base string) error {
	if len(e.Response.Chunks) > 0 {
		return e.replayTail(ctx, base)
	}
	got, err := e.send(ctx, base)
	if err != nil {
		return err
	}
	return e.check(got)
}

// replayTail writes the rows that the recording saw, unless they are there
// already, and reads them from the stream.
func (e exchange) replayTail(ctx context.Context, base string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	res, err := e.open(ctx, base)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := same(res.Header.Get("Content-Type"), e.Response.Headers["Content-Type"]); err != nil {
		return err
	}
	var want []string
	for _, c := range e.Response.Chunks {
		want = append(want, strings.Split(strings.TrimSpace(c.text), "\n")...)
	}
	if e.arg("start_offset") == "" {
		if err := writeTailed(ctx, base, want); err != nil {
			return err
		}
	}
	sc := bufio.NewScanner(res.Body)
	for _, line := range want {
		if !sc.Scan() {
			return fmt.Errorf("the stream ended before %s: %w", line, sc.Err())
		}
		if err := same(fields(sc.Text()), fields(line)); err != nil {
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
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/insert/jsonline?_stream_fields=service", strings.NewReader(string(body)))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/stream+json")
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		_ = res.Body.Close()
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
	for _, e := range readTranscripts(t) {
		t.Run(e.id(), func(t *testing.T) {
			if len(e.Response.Chunks) > 0 {
				return // the rows lie in the past now
			}
			if err := e.eventually(t.Context(), base); err != nil {
				t.Error(err)
			}
		})
	}
}

// eventually replays until the answer is the recorded one: a real server needs
// a second or two to show a write.
func (e exchange) eventually(ctx context.Context, base string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		err := e.replay(ctx, base)
		if err == nil || strings.HasPrefix(e.Request.Path, "/insert/") {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(300 * time.Millisecond):
		}
	}
}
