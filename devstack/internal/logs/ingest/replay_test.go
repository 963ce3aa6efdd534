package ingest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const golden = "../../../testdata/golden/"

// exchange is one recorded insert, or one recorded query of what it left.
type exchange struct {
	Name    string
	Request struct {
		Method, Path string
		Query        [][2]string
		Headers      map[string]string
		Body         string
		Base64       string `json:"body_base64"`
		BodyFile     string `json:"body_file"`
		CutFrom      int    `json:"body_truncated_from_bytes"`
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    string
	}
}

func readTranscript(t *testing.T, name string) (all []exchange) {
	t.Helper()
	f, err := os.Open(golden + "victorialogs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		var e exchange
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func (e exchange) body(t *testing.T) []byte {
	t.Helper()
	switch {
	case e.Request.BodyFile != "":
		body, err := os.ReadFile(golden + e.Request.BodyFile)
		if err != nil {
			t.Fatal(err)
		}
		return body
	case e.Request.Base64 != "":
		body, err := base64.StdEncoding.DecodeString(e.Request.Base64)
		if err != nil {
			t.Fatal(err)
		}
		return body
	case e.Request.CutFrom > 0: // the recording leaves out most of the message
		head, tail, _ := strings.Cut(e.Request.Body, " ... ")
		return []byte(head + strings.Repeat("y", e.Request.CutFrom-len(head)-len(tail)) + tail)
	}
	return []byte(e.Request.Body)
}

func (e exchange) send(t *testing.T, h *handler) *httptest.ResponseRecorder {
	t.Helper()
	args := url.Values{}
	for _, kv := range e.Request.Query {
		args.Add(kv[0], kv[1])
	}
	req := httptest.NewRequest(e.Request.Method, e.Request.Path+"?"+args.Encode(), bytes.NewReader(e.body(t)))
	for k, v := range e.Request.Headers {
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// TestRecordedInserts replays the recorded inserts and looks for the rows that
// the recorded queries saw.
func TestRecordedInserts(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 47, 43, 0, time.UTC)
	rows := store.New(store.Options{Now: func() time.Time { return now }})
	h := New(rows, func() time.Time { return now }).(*handler)
	for _, e := range readTranscript(t, "01-insert.jsonl") {
		t.Run(e.Name, func(t *testing.T) {
			if strings.HasPrefix(e.Request.Path, "/insert/") {
				compareAnswer(t, e, e.send(t, h))
				return
			}
			compareRows(t, e, rows, func(store.Row) bool { return true })
		})
	}
	for _, e := range readTranscript(t, "02-query-parameters.jsonl") {
		label, ok := map[string]string{"otlp_rows": "service.name", "loki_rows": "app"}[e.Name]
		if ok {
			t.Run(e.Name, func(t *testing.T) {
				compareRows(t, e, rows, func(r store.Row) bool { return r.Stream.Label(label) != "" })
			})
		}
	}
}

// worded are the answers that name an error in another library's words.
var worded = []string{"loki_bad_json"}

func compareAnswer(t *testing.T, e exchange, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code != e.Response.Status {
		t.Errorf("status %d, recorded %d", w.Code, e.Response.Status)
	}
	for _, name := range []string{"Content-Type", "Vary"} {
		if got := w.Header().Get(name); got != e.Response.Headers[name] {
			t.Errorf("%s %q, recorded %q", name, got, e.Response.Headers[name])
		}
	}
	if got := w.Body.String(); got != e.Response.Body && !slices.Contains(worded, e.Name) {
		t.Errorf("body %q, recorded %q", got, e.Response.Body)
	}
}

func compareRows(t *testing.T, e exchange, rows *store.Store, keep func(store.Row) bool) {
	t.Helper()
	header := httptest.NewRequest(http.MethodGet, "/", nil).Header
	for k, v := range e.Request.Headers {
		header.Set(k, v)
	}
	tenant, err := Tenant(header)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	rows.Scan(tenant, store.All(), func(r *store.Row) bool {
		if keep(*r) {
			got = append(got, rowText(*r, tenant))
		}
		return true
	})
	for _, line := range strings.Split(strings.TrimSpace(e.Response.Body), "\n") {
		fields, err := Flatten([]byte(line), nil)
		if err == nil {
			want = append(want, fieldsText(fields))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows\n%s\nrecorded\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func rowText(r store.Row, t store.Tenant) string {
	return fieldsText(append(slices.Clone(r.Fields),
		Field{Name: "_time", Value: time.Unix(0, r.Time).UTC().Format(time.RFC3339Nano)},
		Field{Name: "_stream", Value: r.Stream.Text}, Field{Name: "_stream_id", Value: r.Stream.ID(t)}))
}

// fieldsText is the same for any order of fields; a time of arrival is cut to
// the second of the recording.
func fieldsText(fields []Field) string {
	var all []string
	for _, f := range fields {
		if f.Name == "_time" && strings.HasPrefix(f.Value, "2026-11-22T10:47:43") {
			f.Value = "2026-11-22T10:47:43Z"
		}
		all = append(all, fmt.Sprintf("%q:%q", f.Name, f.Value))
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}
