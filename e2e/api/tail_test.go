package api

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const tailPath = "/api/v1/logs/tail"

// store writes one row with a word that only this call uses.
func store(t *testing.T, word string) {
	t.Helper()
	editor.Post(t, "/api/v1/logs/store", map[string]any{"_msg": "tailed " + word, "word": word, "service": "e2e"}).Want(t, 201)
}

func word(text string) string { return fmt.Sprintf("%s%d", text, time.Now().UnixNano()) }

func TestTailByWebSocket(t *testing.T) {
	first, second := word("first"), word("second")
	tail := viewer.Tail(t, tailPath+"?query="+url.QueryEscape("word:="+first))
	defer tail.Vanish()
	tail.Next(t, "heartbeat")
	store(t, second)
	store(t, first)
	if f := tail.Next(t, "row"); f.Data["word"] != first || f.Data["tenant_id"] != "demo" {
		t.Errorf("row %v", f)
	}
	tail.Send(t, map[string]any{"type": "filter", "query": "word:\"unfinished"})
	if f := tail.Next(t, "error"); len(f.Data) == 0 {
		t.Errorf("error without text: %v", f)
	}
	third := word("third")
	tail.Send(t, map[string]any{"type": "filter", "query": "word:=" + third})
	tail.Next(t, "filter")
	store(t, first)
	store(t, third)
	if f := tail.Next(t, "row"); f.Data["word"] != third {
		t.Errorf("after the change of filter: %v", f)
	}
}

func TestTailBegins(t *testing.T) {
	w := word("since")
	store(t, w)
	tail := viewer.Tail(t, fmt.Sprintf("%s?since=%d&query=%s", tailPath, time.Now().Add(-time.Minute).UnixMilli(), url.QueryEscape("word:="+w)))
	defer tail.Vanish()
	if f := tail.Next(t, "row"); f.Data["word"] != w {
		t.Errorf("row %v", f)
	}
}

func TestTailByEvents(t *testing.T) {
	w := word("event")
	store(t, w)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	lines := events(ctx, t, w, "")
	var id string
	for line := range lines {
		if rest, ok := strings.CutPrefix(line, "id: "); ok {
			id = rest
		}
		if strings.HasPrefix(line, "data: ") && strings.Contains(line, w) {
			break
		}
	}
	moment, _, _ := strings.Cut(id, "~")
	if _, err := time.Parse(time.RFC3339Nano, moment); err != nil {
		t.Fatalf("id %q holds no time", id)
	}
	cancel()
	again := word("again")
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	store(t, again)
	for line := range events(ctx, t, w+" or word:="+again, id) {
		if strings.Contains(line, w) {
			t.Fatal("the resumed tail repeats the last row")
		}
		if strings.Contains(line, again) {
			return
		}
	}
	t.Error("the resumed tail ended early")
}

// events opens server-sent events and gives their lines until the context ends.
func events(ctx context.Context, t *testing.T, query, last string) func(yield func(string) bool) {
	t.Helper()
	since := time.Now().Add(-time.Minute).UnixMilli()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s%s?since=%d&query=%s", viewer.URL, tailPath, since, url.QueryEscape("word:="+query)), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+viewer.Token)
	req.Header.Set("Accept", "text/event-stream")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	transport := &http.Transport{}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close(); transport.CloseIdleConnections() })
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("status %d, %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	return func(yield func(string) bool) {
		for scan := bufio.NewScanner(resp.Body); scan.Scan(); {
			if !yield(scan.Text()) {
				return
			}
		}
	}
}

func TestTailRefusals(t *testing.T) {
	if a := viewer.Get(t, tailPath).WantProblem(t, 426, ""); a.At("error") != "WebSocket upgrade required" {
		t.Errorf("%s", a.Body)
	}
	nobody.Get(t, tailPath).WantProblem(t, 401, "authentication_required")
	for name, tt := range map[string]struct {
		path   string
		header []string
		status int
	}{
		"token in the URL": {tailPath + "?token=" + viewer.Token, nil, 401},
		"foreign origin":   {tailPath, []string{"Origin: https://evil.example"}, 403},
		"bad query":        {tailPath + "?query=" + url.QueryEscape(`a:"b`), nil, 400},
		"not for tails":    {tailPath + "?query=" + url.QueryEscape("* | stats count()"), nil, 400},
		"foreign tenant":   {tailPath + "?tenantId=other", nil, 403},
	} {
		c := viewer
		if name == "token in the URL" {
			c = nobody
		}
		conn, resp, err := c.Upgrade(tt.path, tt.header...)
		if err == nil {
			conn.Close()
			t.Errorf("%s: upgraded", name)
			continue
		}
		if resp == nil || resp.StatusCode != tt.status {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}
