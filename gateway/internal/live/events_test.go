package live_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// listen opens a stream of events over a connection of its own.
func (w *world) listen(t *testing.T, query string) (*bufio.Reader, *http.Response, net.Conn) {
	t.Helper()
	c, err := net.Dial("tcp", w.addr)
	must(t, err)
	must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() { _ = c.Close() })
	_, err = io.WriteString(c, "GET /?"+query+" HTTP/1.1\r\nHost: a\r\n\r\n")
	must(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return bufio.NewReader(resp.Body), resp, c
}

// event reads up to the next blank line.
func event(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		must(t, err)
		if line == "\n" {
			return b.String()
		}
		b.WriteString(line)
	}
}

func TestEvents(t *testing.T) {
	w := begin(t)
	r, _, _ := w.listen(t, "tenant=demo&query=error")
	call := w.call(t)
	if got := event(t, r); got != "retry: 2000\n" {
		t.Errorf("%q", got)
	}
	must(t, call.send(rows(&logsv1.TailRow{Json: []byte("{\"a\":\n\"b\"}"), Time: t1})))
	want := "id: " + t1 + "~30574f22\nevent: row\ndata: {\"type\":\"row\",\"data\":{\"a\":\"b\"},\"timestamp\":\"" + t1 + "\",\"tenant_id\":\"demo\"}\n"
	if got := event(t, r); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	must(t, call.send(rows(&logsv1.TailRow{Json: []byte(`{}`), Time: "1\ndata: forged"})))
	if got := event(t, r); strings.Count(got, "\n") != 3 {
		t.Errorf("a time broke out of its line: %q", got)
	}
	go func() { _ = w.hub.Shutdown(t.Context()) }()
	if got := event(t, r); !strings.HasPrefix(got, "event: stats\n") || !strings.Contains(got, `"sent":2`) {
		t.Errorf("%q", got)
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	call.ended(t)
}

func TestEventsRefusedAndRevoked(t *testing.T) {
	w := begin(t, func(s *settings) { s.parts.Heartbeat = 5 * time.Millisecond })
	if _, resp, _ := w.listen(t, "query=bad"); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("%d", resp.StatusCode)
	}
	r, _, _ := w.listen(t, "query=good")
	w.call(t)
	w.verifies(func() error { return fault.New(fault.CodeAccessDenied, "Access denied") })
	all, err := io.ReadAll(r)
	if err != nil || !strings.Contains(string(all), `"code":4401`) {
		t.Errorf("%v %s", err, all)
	}
}

// A body that nobody reads any more ends its call.
func TestEventsOfClientsThatLeave(t *testing.T) {
	w := begin(t, func(s *settings) { s.parts.Heartbeat = 5 * time.Millisecond })
	for range 20 {
		_, _, c := w.listen(t, "")
		call := w.call(t)
		must(t, c.Close())
		call.ended(t)
	}
}
