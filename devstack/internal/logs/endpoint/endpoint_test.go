package endpoint

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// serve gives a server over rows, the last of them at noon.
func serve(t *testing.T, rows int) (*store.Store, *Handler, string) {
	t.Helper()
	now := func() time.Time { return noon }
	s := store.New(store.Options{Now: now})
	add(s, rows)
	h := New(s, now)
	web := httptest.NewServer(h)
	t.Cleanup(func() {
		h.Close()
		web.Close()
	})
	return s, h, web.URL
}

func add(s *store.Store, rows int) {
	stream := store.NewStream([]store.Field{{Name: "service", Value: "cart"}})
	all := make([]store.Row, rows)
	for i := range all {
		all[i] = store.Row{Time: noon.Add(time.Duration(i+1-rows) * time.Millisecond).UnixNano(), Stream: stream,
			Fields: []store.Field{{Name: "_msg", Value: fmt.Sprint("row ", i)}, {Name: "service", Value: "cart"}}}
	}
	s.Add(store.Tenant{}, all)
}

func open(ctx context.Context, t *testing.T, base, path string, args ...string) *http.Response {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(args); i += 2 {
		q.Add(args[i], args[i+1])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/select/logsql/"+path+"?"+q.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func TestAllRowsAreStreamed(t *testing.T) {
	_, _, base := serve(t, 100_000)
	sc := bufio.NewScanner(open(t.Context(), t, base, "query", "query", "*").Body)
	n := 0
	for ; sc.Scan(); n++ {
		if want := fmt.Sprintf(`"_msg":"row %d"`, n); !strings.Contains(sc.Text(), want) {
			t.Fatalf("row %d is %s", n, sc.Text())
		}
	}
	if n != 100_000 {
		t.Errorf("%d rows", n)
	}
}

// TestClientThatLeaves ends the scan: the rest of the rows is not written.
func TestClientThatLeaves(t *testing.T) {
	_, _, base := serve(t, 100_000)
	ctx, cancel := context.WithCancel(t.Context())
	res := open(ctx, t, base, "query", "query", "*")
	if _, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel() // goleak finds a handler that goes on
}

func TestTailSeesWhatComes(t *testing.T) {
	s, h, base := serve(t, 3)
	res := open(t.Context(), t, base, "tail", "query", `service:=cart !"row 1" | fields _msg`, "start_offset", "1m")
	sc := bufio.NewScanner(res.Body)
	want := []string{`{"_msg":"row 0"}`, `{"_msg":"row 2"}`, `{"_msg":"row 0"}`}
	for i, line := range want {
		if i == 2 {
			add(s, 2)
		}
		if !sc.Scan() || sc.Text() != line {
			t.Fatalf("line %d: %s %v, want %s", i, sc.Text(), sc.Err(), line)
		}
	}
	h.Close()
	if sc.Scan() {
		t.Errorf("after the end: %s", sc.Text())
	}
}

func TestTailOfOneTenant(t *testing.T) {
	s, _, base := serve(t, 0)
	res := open(t.Context(), t, base, "tail", "query", "*")
	s.Add(store.Tenant{Account: 1}, []store.Row{{Time: noon.UnixNano(), Fields: []store.Field{{Name: "_msg", Value: "foreign"}}}})
	add(s, 1)
	if line, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil || !strings.Contains(line, "row 0") {
		t.Errorf("%s %v", line, err)
	}
}

func TestTailsThatLeave(t *testing.T) {
	_, _, base := serve(t, 1)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := open(ctx, t, base, "tail", "query", "*").Body.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		cancel() // goleak finds a tail that goes on
	}
}

func TestErrorsBeforeTheFirstByteHaveAStatus(t *testing.T) {
	_, _, base := serve(t, 2000)
	for path, args := range map[string][]string{
		"query":        {"query", "* | stream_context before 1"}, // too many rows for it: found while running
		"hits":         {"query", "service:in(*| limit 3)"},
		"field_values": {"query", "*"},
	} {
		res := open(t.Context(), t, base, path, args...)
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusBadRequest || len(body) == 0 {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

func TestExtraFilters(t *testing.T) {
	_, _, base := serve(t, 4)
	for filter, want := range map[string]string{
		`{"service":"cart"}`: "4", `{"service":"edge"}`: "0", `{"service":["edge","cart"],"_msg":"row 1"}`: "1", `row`: "4", `{service="cart"}`: "4", `!"row 1"`: "3", `"row 1" or "row 2"`: "2",
	} {
		for _, query := range []string{"* | stats count() n", "nothing or row | stats count() n", "* | filter _msg:in(* | fields _msg) | stats count() n"} {
			body, _ := io.ReadAll(open(t.Context(), t, base, "query", "query", query, "extra_filters", filter).Body)
			if got := string(body); got != `{"n":"`+want+`"}`+"\n" {
				t.Errorf("%s with %s: %s, want %s", query, filter, got, want)
			}
		}
	}
}
