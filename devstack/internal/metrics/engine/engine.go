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
	promql  *promql.Engine
	now     func() time.Time
	rollups map[string]rollupKind
}

// New returns an engine; now is the clock of now().
func New(log *slog.Logger, now func() time.Time) *Engine {
	return &Engine{now: now, rollups: rollupKinds(), promql: promql.NewEngine(promql.EngineOpts{
		Logger:               log,
		MaxSamples:           maxSamples,
		Timeout:              time.Minute,
		LookbackDelta:        time.Millisecond,
		EnableAtModifier:     true,
		EnableNegativeOffset: true,
		Parser:               parser.NewParser(parser.Options{EnableExperimentalFunctions: true}),
	})}
}

// Request is one query. Times and the step are milliseconds; Start equals End
// for an instant query.
type Request struct {
	Query            string
	Start, End, Step int64
	// Filters is ANDed to every selector; nil filters nothing.
	Filters store.Selector
	Source  Source
}

// Answer is the result of a query.
type Answer struct {
	// Series is ordered as it is to be sent and holds no NaN.
	Series []store.Series
	// Fetched counts the stored series that were read.
	Fetched int
}

// Query parses and evaluates r. The error is a *ParseError when the text is
// not MetricsQL, an *EvalError when it cannot be evaluated, and the context's
// or the source's otherwise.
func (e *Engine) Query(ctx context.Context, r Request) (Answer, error) {
	expr, err := Parse(r.Query)
	if err != nil {
		return Answer{}, err
	}
	run := &run{engine: e, ctx: ctx, source: r.Source, filters: r.Filters, now: e.now}
	g := grid{start: r.Start, end: r.End, step: r.Step}
	series, err := run.eval(expr, g)
	if err != nil {
		return Answer{}, err
	}
	series = clean(series)
	if err := checkUnique(series); err != nil {
		return Answer{}, err
	}
	if !keepsOrder(expr) {
		sortSeries(series)
	}
	return Answer{Series: series, Fetched: run.fetched}, nil
}
