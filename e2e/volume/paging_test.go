package volume

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTwoMillionRowsPaged pages through every bulk row by 1,000 while 500 rows
// a second arrive in the same stream. What was visible at the first page comes
// once, what came later does not come at all.
func TestTwoMillionRowsPaged(t *testing.T) {
	arriving := arrive(t)
	opened := time.Now()
	body := map[string]any{"query": "service:=bulk", "start": begin.UnixMilli(), "limit": 1000}
	seen, late, count := make([]bool, bulk), []time.Time{}, 0
	var settled time.Time // when the first page had come
	for {
		a := viewer.Post(t, "/api/v1/logs/search", body).Want(t, 200)
		if settled.IsZero() {
			settled = time.Now()
		}
		for _, n := range numbers(t, a.Body, `"n":"`) {
			if seen[n] {
				t.Fatalf("row %d twice", n)
			}
			seen[n] = true
			count++
		}
		for _, n := range numbers(t, a.Body, `"arrival":"`) {
			late = append(late, time.Unix(0, int64(n)))
		}
		cursor := a.At("cursor")
		if cursor == nil {
			break
		}
		body["cursor"] = cursor
	}
	sent := arriving()
	if count != bulk {
		t.Errorf("%d of %d rows", count, bulk)
	}
	visible(t, sent, late, opened.Add(-3*time.Second), settled.Add(-3*time.Second))
}

// visible checks the arrivals that were seen: all up to one moment, which lies
// between early and latest, and none behind it.
func visible(t *testing.T, sent, seen []time.Time, early, latest time.Time) {
	t.Helper()
	known, last := map[int64]bool{}, time.Time{}
	for _, at := range seen {
		if known[at.UnixNano()] {
			t.Fatalf("arrival of %s twice", at)
		}
		known[at.UnixNano()] = true
		if at.After(last) {
			last = at
		}
	}
	if last.After(latest) {
		t.Errorf("saw a row of %s, later than %s", last, latest)
	}
	for _, at := range sent {
		if !known[at.UnixNano()] && (at.Before(last) || at.Before(early)) {
			t.Fatalf("the row of %s is missing", at)
		}
	}
	if len(seen) == 0 || len(seen) == len(sent) {
		t.Errorf("saw %d of %d arrivals: the test proves nothing", len(seen), len(sent))
	}
}

// arrive writes 500 rows a second straight to the back end, as an agent does,
// for some seconds before it returns and until the function is called.
func arrive(t *testing.T) (stop func() []time.Time) {
	t.Helper()
	base, err := running.Env("MIRADOR_VL_URL")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var sent []time.Time
	began := make(chan struct{})
	all.Go(func() {
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		for turn := 0; ; turn++ {
			if turn == 60 {
				close(began)
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			batch, err := write(base, 50)
			if err != nil {
				t.Error(err)
				return
			}
			sent = append(sent, batch...)
		}
	})
	<-began
	return func() []time.Time {
		cancel()
		all.Wait()
		http.DefaultClient.CloseIdleConnections()
		return sent
	}
}

// write stores rows of now for the tenant demo.
func write(base string, rows int) ([]time.Time, error) {
	var b bytes.Buffer
	var sent []time.Time
	for range rows {
		at := time.Now().UTC()
		sent = append(sent, at)
		fmt.Fprintf(&b, `{"_time":%q,"_msg":"arriving","service":"bulk","arrival":"%d"}`+"\n", at.Format(time.RFC3339Nano), at.UnixNano())
	}
	req, err := http.NewRequest(http.MethodPost, base+"/insert/jsonline?_stream_fields=service", &b)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/stream+json")
	req.Header.Set("AccountID", "1")
	req.Header.Set("ProjectID", "0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("insert: status %d", resp.StatusCode)
	}
	return sent, nil
}

// numbers finds the whole numbers behind a prefix. Decoding two million rows
// would take longer than paging through them.
func numbers(t *testing.T, body []byte, prefix string) []int {
	t.Helper()
	var found []int
	text := string(body)
	for {
		_, rest, ok := strings.Cut(text, prefix)
		if !ok {
			return found
		}
		digits, rest, _ := strings.Cut(rest, `"`)
		n, err := strconv.Atoi(digits)
		if err != nil {
			t.Fatalf("%s%s: %v", prefix, digits, err)
		}
		found, text = append(found, n), rest
	}
}
