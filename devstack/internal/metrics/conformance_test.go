package metrics

import (
	"cmp"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is the moment of the recording that "now" stands for, except where
// an answer shows another one.
const recorded = 1795343600000

var recordedAt = map[string]int64{
	"victoriametrics/02-query/query_time_relative":         1795343591255,
	"victoriametrics/04-errors/gzip_error_body":            1795343561339,
	"victoriametrics-cluster/02-query/query_time_relative": 1795343718415,
	"victoriametrics-cluster/04-errors/gzip_error_body":    1795343688527,
}

// TestConformanceSingle replays every exchange with the single node.
func TestConformanceSingle(t *testing.T) { conform(t, "victoriametrics", Single) }

// TestConformanceCluster replays every exchange with the cluster.
func TestConformanceCluster(t *testing.T) { conform(t, "victoriametrics-cluster", Cluster) }

func conform(t *testing.T, folder string, form Form) {
	var now atomic.Int64
	now.Store(recorded)
	s, err := New(Options{Dir: t.TempDir(), Form: form, Now: func() time.Time { return time.UnixMilli(now.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	known := differencesByID()
	for _, e := range inOrder(readTranscripts(t, folder)) {
		t.Run(e.id(), func(t *testing.T) {
			now.Store(recorded)
			if at, ok := recordedAt[e.id()]; ok {
				now.Store(at)
			}
			replay(t, e, web.URL, known)
		})
	}
}

// inOrder puts writes before the reads that were recorded after them.
func inOrder(all []exchange) []exchange {
	slices.SortStableFunc(all, func(a, b exchange) int { return cmp.Compare(a.stage(), b.stage()) })
	return all
}

// stage numbers the rounds of the recording; the last is for a write that the
// real server refused.
func (e exchange) stage() int {
	stage := 0
	if strings.Contains(e.File, "-storage-") {
		stage = 2
	}
	switch {
	case e.Name == "insert_on_vmselect_port":
		return 4
	case !e.writes():
		return stage + 1
	}
	return stage
}

func replay(t *testing.T, e exchange, base string, known map[string]string) {
	got, err := e.send(t.Context(), base)
	if err == nil {
		err = e.check(got)
	}
	reason, listed := known[e.id()]
	switch {
	case err != nil && !listed:
		t.Error(err)
	case err == nil && listed:
		t.Errorf("this exchange passes: take it off the list of differences (%s)", reason)
	}
}

const realURL = "MIRADOR_METRICS_URL"

// TestRealServer replays the single node's exchanges with a real server that
// holds nothing yet, was started with a retention that reaches the seed, and
// may need some seconds to show a write.
func TestRealServer(t *testing.T) {
	base := os.Getenv(realURL)
	if base == "" {
		t.Skip("no real server given: set " + realURL)
	}
	base = strings.TrimSuffix(base, "/")
	shown := false
	for _, e := range inOrder(readTranscripts(t, "victoriametrics")) {
		if !e.writes() && !shown {
			awaitSeed(t, base)
			shown = true
		}
		t.Run(e.id(), func(t *testing.T) {
			if _, relative := recordedAt[e.id()]; relative {
				return // the answer holds the moment of the recording
			}
			replay(t, e, base, nil)
		})
	}
}

// awaitSeed waits until the last write is visible.
func awaitSeed(t *testing.T, base string) {
	t.Helper()
	var flush, probe exchange
	flush.Request.Path = "/internal/force_flush"
	probe.Request.Path = "/api/v1/query"
	probe.Request.Query = [][2]string{{"query", "count(rw_value)"}, {"time", "1795168860"}, {"nocache", "1"}}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if _, err := flush.send(t.Context(), base); err != nil {
			t.Fatal(err)
		}
		got, err := probe.send(t.Context(), base)
		if err == nil && strings.Contains(string(got.body), `"value"`) {
			return
		}
		select {
		case <-t.Context().Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	t.Fatal("the seed did not become visible")
}
