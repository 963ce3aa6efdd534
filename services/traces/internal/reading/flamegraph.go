package reading

import (
	"context"

	"github.com/platformbuilds/mirador-core/services/traces/internal/flamegraph"
	"github.com/platformbuilds/mirador-core/services/traces/internal/relay"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// maxGraph is the most nodes of a graph over many traces.
const maxGraph = 50_000

// FlameGraph writes {"status","data":node} of one trace.
func (s *Service) FlameGraph(ctx context.Context, to relay.Stream, traceID, mode string) error {
	id, err := trace.ParseID("traceId", traceID)
	if err != nil {
		return err
	}
	m, err := flamegraph.ParseMode("mode", mode)
	if err != nil {
		return err
	}
	c, err := s.begin(ctx, failedTrace, s.Limits.Timeout, decodes)
	if err != nil {
		return err
	}
	defer c.end()
	tree, left, err := s.tree(c, id)
	if err != nil {
		return err
	}
	b := relay.NewBody(to)
	warnLeft(b, left)
	return writeGraph(b, flamegraph.Of(tree, m))
}

// FlameGraphSearch writes one graph of all traces that match.
func (s *Service) FlameGraphSearch(ctx context.Context, to relay.Stream, q Query, mode string) error {
	m, err := flamegraph.ParseMode(q.In+"mode", mode)
	if err != nil {
		return err
	}
	c, w, err := s.search(ctx, q, decodes)
	if err != nil {
		return err
	}
	defer c.end()
	b := relay.NewBody(to)
	graph, left := flamegraph.NewAggregate(m, maxGraph), 0
	err = s.eachFound(c, b, w, func(t *trace.Trace) error {
		graph.Add(trace.NewTree(t))
		left += t.Left
		return c.ctx.Err()
	})
	if err != nil {
		return failed(err, c.message)
	}
	warnLeft(b, left+graph.Left())
	return writeGraph(b, graph.Node())
}

func writeGraph(b *relay.Body, n *flamegraph.Node) error {
	if _, err := b.Write([]byte(`{"status":"success","data":`)); err != nil {
		return err
	}
	if err := n.Encode(b); err != nil {
		return err
	}
	return finish(b, "}")
}
