package ingest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRecordedInserts replays the recorded inserts and looks for the rows that
// the recorded queries saw.
func TestRecordedInserts(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 47, 43, 0, time.UTC)
	rows := store.New(store.Options{Now: func() time.Time { return now }})
	h := New(rows, func() time.Time { return now })
	labels := map[string]string{"otlp_rows": "service.name", "loki_rows": "app"}
	for _, e := range transcript.Read(t, "victorialogs") {
		label := labels[e.Name]
		switch {
		case e.File == "victorialogs/01-insert" && strings.HasPrefix(e.Request.Path, "/insert/"):
			t.Run(e.Name, func(t *testing.T) { compareAnswer(t, e, h) })
		case e.File == "victorialogs/01-insert":
			t.Run(e.Name, func(t *testing.T) { compareRows(t, e, rows, func(store.Row) bool { return true }) })
		case e.File == "victorialogs/02-query-parameters" && label != "":
			t.Run(e.Name, func(t *testing.T) {
				compareRows(t, e, rows, func(r store.Row) bool { return r.Stream.Label(label) != "" })
			})
		}
	}
}

// worded are the answers that name an error in another library's words.
var worded = []string{"loki_bad_json"}

func compareAnswer(t *testing.T, e transcript.Exchange, h http.Handler) {
	t.Helper()
	got, err := e.Serve(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	err = e.Check(got, []string{"Content-Type", "Vary"}, func(body []byte) error {
		if slices.Contains(worded, e.Name) {
			return nil
		}
		return transcript.Same(string(body), e.Response.Body)
	})
	if err != nil {
		t.Error(err)
	}
}

func compareRows(t *testing.T, e transcript.Exchange, rows *store.Store, keep func(store.Row) bool) {
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
