package signal

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoplogs"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoptraces"
	"github.com/platformbuilds/mirador-core/devstack/internal/traces"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var tenant = vmimport.Tenant{Account: 1}

func now() time.Time { return time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC) }

func story() *journey.Traffic {
	return journey.New(shop.New(3, now().Add(-6*time.Hour), now()), journey.For("demo", "demo-marker"))
}

func rows() *store.Store { return store.New(store.Options{Now: now}) }

// texts are the rows of a store in an order that does not depend on arrival.
func texts(s *store.Store) []string {
	var all []string
	s.Scan(store.Tenant(tenant), store.All(), func(r *store.Row) bool {
		fields := slices.Clone(r.Fields)
		slices.SortFunc(fields, func(a, b store.Field) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) })
		all = append(all, fmt.Sprint(r.Time, r.Stream.Text, fields))
		return true
	})
	slices.Sort(all)
	return all
}

// serve runs a handler; broken refuses everything while it is set.
func serve(t *testing.T, h http.Handler, broken *bool) Options {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *broken {
			http.Error(w, "the disk is on fire", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return Options{Endpoint: server.URL + "/"}
}

func write(t *testing.T, w Writer) {
	t.Helper()
	if err := w.Write(context.Background(), story(), tenant, now().Add(-10*time.Minute), now()); err != nil {
		t.Fatal(err)
	}
}

func TestRowsAreTheSameWithinTheProcessAndOverHTTP(t *testing.T) {
	direct, remote, broken := rows(), rows(), false
	lines := NewLogLines(serve(t, ingest.New(remote, now), &broken))
	defer lines.Close()
	write(t, NewRows(direct))
	write(t, lines)
	want := shoplogs.Count(story(), now().Add(-10*time.Minute), now()).Total
	if a, b := texts(direct), texts(remote); len(a) != want || !slices.Equal(a, b) {
		t.Errorf("%d rows within the process, %d over HTTP, want %d equal ones", len(a), len(b), want)
	}
}

func TestSpansAreTheSameWithinTheProcessAndOverHTTP(t *testing.T) {
	direct, remote, broken := traces.New(traces.Options{Now: now}), traces.New(traces.Options{Now: now}), false
	uploads := NewSpanUploads(serve(t, remote, &broken))
	defer uploads.Close()
	write(t, NewSpans(direct))
	write(t, uploads)
	want := shoptraces.Count(story(), now().Add(-10*time.Minute), now()).Spans
	if a, b := texts(direct.Store()), texts(remote.Store()); len(a) != want || !slices.Equal(a, b) {
		t.Errorf("%d spans within the process, %d over HTTP, want %d equal ones", len(a), len(b), want)
	}
}

func TestRefusalIsToldAndNothingWritten(t *testing.T) {
	remote, broken := rows(), true
	lines := NewLogLines(serve(t, ingest.New(remote, now), &broken))
	defer lines.Close()
	err := lines.Write(context.Background(), story(), tenant, now().Add(-time.Minute), now())
	if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "the disk is on fire") {
		t.Errorf("error %v, want the back end's answer", err)
	}
	if got := remote.Len(store.Tenant(tenant)); got != 0 {
		t.Errorf("%d rows are there", got)
	}
}

func TestBulkIsCountedExactly(t *testing.T) {
	for _, n := range []int{1, 9, 10, 20_000} {
		s, b := rows(), shoplogs.Bulk{Rows: n, Start: now().Add(-24 * time.Hour), End: now().Add(-time.Hour)}
		if err := NewRows(s).Bulk(context.Background(), tenant, "demo-marker", b); err != nil {
			t.Fatal(err)
		}
		if got := len(texts(s)); got != n {
			t.Errorf("%d rows of %d are there", got, n)
		}
		middle, c := b.Start.Add(7*time.Hour), shoplogs.NewCounts()
		b.Count(c, b.Start, middle)
		first := c.Total
		b.Count(c, middle, b.End)
		found := 0
		s.Scan(store.Tenant(tenant), store.Range{Start: b.Start.UnixNano(), End: middle.UnixNano() - 1}, func(*store.Row) bool {
			found++
			return true
		})
		if first != found || c.Total != n {
			t.Errorf("counted %d of %d rows before the middle and %d in all, %d are there", first, n, c.Total, found)
		}
	}
}

func BenchmarkBulk(b *testing.B) {
	for b.Loop() {
		bulk := shoplogs.Bulk{Rows: 2_000_000, Start: now().Add(-24 * time.Hour), End: now().Add(-time.Hour)}
		if err := NewRows(rows()).Bulk(context.Background(), tenant, "demo-marker", bulk); err != nil {
			b.Fatal(err)
		}
	}
}
