package metrics

import (
	"cmp"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
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

// Folders of the recordings.
const (
	singleNode = "victoriametrics"
	manyNodes  = "victoriametrics-cluster"
)

// TestConformanceSingle replays every exchange with the single node.
func TestConformanceSingle(t *testing.T) { conform(t, singleNode, Single) }

// TestConformanceCluster replays every exchange with the cluster.
func TestConformanceCluster(t *testing.T) { conform(t, manyNodes, Cluster) }

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
	transcript.Conform(t, read(t, folder), differences(), func(ctx context.Context, e transcript.Exchange) error {
		now.Store(recorded)
		if at, ok := recordedAt[e.ID()]; ok {
			now.Store(at)
		}
		return replay(ctx, e, web.URL)
	})
}

// read puts writes before the reads that were recorded after them, and gives
// the query that was too long to be recorded its length back.
func read(t *testing.T, folder string) []transcript.Exchange {
	t.Helper()
	all := transcript.Read(t, folder)
	for _, e := range all {
		for i, kv := range e.Request.Query {
			if strings.HasSuffix(kv[1], "...<18002 characters>") {
				e.Request.Query[i][1] = strings.Repeat("up+", 6000) + "up"
			}
		}
	}
	slices.SortStableFunc(all, func(a, b transcript.Exchange) int { return cmp.Compare(stage(a), stage(b)) })
	return all
}

// stage numbers the rounds of the recording; the last is for a write that the
// real server refused.
func stage(e transcript.Exchange) int {
	stage := 0
	if strings.Contains(e.File, "-storage-") {
		stage = 2
	}
	switch {
	case e.Name == "insert_on_vmselect_port":
		return 4
	case !stores(e):
		return stage + 1
	}
	return stage
}

// stores says whether the exchange writes data.
func stores(e transcript.Exchange) bool {
	return strings.HasSuffix(e.File, "/01-import") || strings.HasPrefix(e.Request.Path, "/insert/")
}

// replay is nil when the answer is the recorded one.
func replay(ctx context.Context, e transcript.Exchange, base string) error {
	got, err := e.Send(ctx, base)
	if err != nil {
		return err
	}
	return check(e, got)
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
	for _, e := range read(t, singleNode) {
		if !stores(e) && !shown {
			awaitSeed(t, base)
			shown = true
		}
		t.Run(e.ID(), func(t *testing.T) {
			if _, relative := recordedAt[e.ID()]; relative {
				return // the answer holds the moment of the recording
			}
			if err := replay(t.Context(), e, base); err != nil {
				t.Error(err)
			}
		})
	}
}

// awaitSeed waits until the last write is visible.
func awaitSeed(t *testing.T, base string) {
	t.Helper()
	var flush, probe transcript.Exchange
	flush.Request.Path = "/internal/force_flush"
	probe.Request.Path = "/api/v1/query"
	probe.Request.Query = [][2]string{{"query", "count(rw_value)"}, {"time", "1795168860"}, {"nocache", "1"}}
	err := transcript.Eventually(t.Context(), time.Minute, func(ctx context.Context) error {
		if _, err := flush.Send(ctx, base); err != nil {
			return err
		}
		got, err := probe.Send(ctx, base)
		if err == nil && !strings.Contains(string(got.Body), `"value"`) {
			err = errors.New("the seed is not visible")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
