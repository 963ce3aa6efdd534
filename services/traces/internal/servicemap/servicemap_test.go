package servicemap

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func span(id, parent, service string, kind trace.Kind, micros int64) trace.Span {
	return trace.Span{ID: id, Parent: parent, Service: service, Kind: kind, Duration: micros}
}

func built(spans ...trace.Span) Map {
	b := NewBuilder()
	for _, s := range spans {
		b.Add("t", s)
		b.Add("t", s)
	}
	return b.Map()
}

func flat(us int64) Latency { return Latency{us, us, us} }

func TestMapOfSpans(t *testing.T) {
	failed := span("3", "2", "pay", trace.KindServer, 40)
	failed.Error = true
	query := span("5", "3", "pay", trace.KindClient, 7)
	query.Peer = "postgresql"
	named := span("2", "1", "web", trace.KindClient, 50)
	named.Peer = "payment-alias"
	linked := span("9", "", "mail", trace.KindConsumer, 11)
	linked.Links = []trace.Link{{TraceID: "t", SpanID: "4"}}
	send := span("4", "1", "web", trace.KindProducer, 2)
	send.Peer, send.PeerAsync = "kafka", true
	got := built(span("1", "", "web", trace.KindServer, 100), named, failed, query, send, linked, span("6", "4", "stock", trace.KindConsumer, 9), trace.Span{ID: "x"})
	want := Map{
		Nodes: []Node{
			{Service: "mail", Count: 1, Latency: flat(11)},
			{Service: "pay", Count: 1, Errors: 1, Latency: flat(40)},
			{Service: "postgresql", Count: 1, Latency: flat(7)},
			{Service: "stock", Count: 1, Latency: flat(9)},
			{Service: "web", Count: 1, Latency: flat(100)},
		},
		Edges: []Edge{
			{Source: "pay", Target: "postgresql", Count: 1, Latency: flat(7)},
			{Source: "web", Target: "mail", Async: true, Count: 1, Latency: flat(11)},
			{Source: "web", Target: "pay", Count: 1, Errors: 1, Latency: flat(50)},
			{Source: "web", Target: "stock", Async: true, Count: 1, Latency: flat(9)},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if near := got.Touching("pay"); len(near.Nodes) != 3 || len(near.Edges) != 2 {
		t.Errorf("got %+v", near)
	}
	if near := got.Touching("nobody"); len(near.Nodes)+len(near.Edges) != 0 {
		t.Errorf("got %+v", near)
	}
}

func TestServicesWithoutServers(t *testing.T) {
	got := built(span("1", "", "job", trace.KindInternal, 30), span("2", "1", "job", trace.KindClient, 10), span("3", "lost", "job", trace.KindUnset, 20))
	if want := []Node{{Service: "job", Count: 2, Latency: Latency{20, 30, 30}}}; !reflect.DeepEqual(got.Nodes, want) {
		t.Errorf("got %+v", got.Nodes)
	}
}

func TestLatencyIsExact(t *testing.T) {
	list := make([]int64, 1000)
	for i := range list {
		list[i] = int64(i + 1)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if got := latency(list); got != (Latency{500, 950, 990}) {
		t.Errorf("got %+v", got)
	}
	if got := latency([]int64{5}); got != flat(5) {
		t.Errorf("got %+v", got)
	}
}

func TestFromCalls(t *testing.T) {
	calls := []Call{{"a", "b", 3}, {"a", "b", 2}, {"b", "c", 1}, {"c", "d", 0}}
	got := FromCalls(calls, nil)
	want := Map{Nodes: []Node{{Service: "a"}, {Service: "b", Count: 5}, {Service: "c", Count: 1}},
		Edges: []Edge{{Source: "a", Target: "b", Count: 5}, {Source: "b", Target: "c", Count: 1}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := FromCalls(calls, func(s string) bool { return s != "c" }); len(got.Edges) != 1 || len(got.Nodes) != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestScaled(t *testing.T) {
	m := built(span("1", "", "web", trace.KindServer, 100), span("2", "1", "web", trace.KindClient, 50), span("3", "2", "pay", trace.KindServer, 40))
	counts := []Count{{"web", trace.KindServer, false, 90}, {"web", trace.KindServer, true, 10}, {"web", trace.KindClient, true, 500}}
	m = m.Scaled(16, counts)
	if m.Edges[0].Count != 16 || m.Nodes[0].Count != 16 || m.Nodes[1].Count != 100 || m.Nodes[1].Errors != 10 || Total(counts) != 600 {
		t.Errorf("got %+v", m)
	}
}

func TestHostileMaps(t *testing.T) {
	b := NewBuilder()
	for i := range 50_000 {
		s := span(fmt.Sprint(i), fmt.Sprint(i-1), fmt.Sprint("s", i), trace.KindServer, 1)
		s.Peer = fmt.Sprint("p", i)
		b.Add("t", s)
	}
	m := b.Map()
	if !m.Cut || len(m.Nodes) > maxNodes || len(m.Edges) > maxEdges || b.Spans() != 50_000 || b.Traces() != 1 {
		t.Errorf("got %d nodes and %d edges", len(m.Nodes), len(m.Edges))
	}
}
