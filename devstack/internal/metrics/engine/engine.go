// Package engine answers MetricsQL: its parser and its window functions
// (rollups) are done here, everything above them by the PromQL engine, which
// sees each evaluated rollup as a stored series.
package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// maxSamples bounds the samples that one query may hold in memory.
const maxSamples = 50_000_000

// Source reads stored series in label order.
type Source interface {
	Select(ctx context.Context, sel store.Selector, from, to int64) ([]store.Series, error)
}

// Engine evaluates queries. It keeps no state between them and is safe for
// concurrent use.
type Engine struct {
	promql *promql.Engine
	now    func() time.Time
}

// New returns an engine; now is the clock of now().
func New(log *slog.Logger, now func() time.Time) *Engine {
	return &Engine{now: now, promql: promql.NewEngine(promql.EngineOpts{
		Logger:               log,
		MaxSamples:           maxSamples,
		Timeout:              time.Minute,
		LookbackDelta:        time.Millisecond,
		EnableAtModifier:     true,
		EnableNegativeOffset: true,
		Parser:               parser.NewParser(parser.Options{EnableExperimentalFunctions: true}),
	})}
}
