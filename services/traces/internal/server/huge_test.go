package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

// huge is a trace of n spans, each the child of the one before.
func huge(n int) string {
	var out strings.Builder
	out.WriteString(`{"data":[{"processes":{"p1":{"serviceName":"s"}},"spans":[`)
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, `{"duration":%d,"operationName":"o","processID":"p1","references":[{"refType":"CHILD_OF","spanID":"%x","traceID":"a"}],"spanID":"%x","startTime":%d,"tags":[]}`,
			2*(n-i), i, i+1, 1795169700020000+i)
	}
	out.WriteString(`],"traceID":"` + first + `","warnings":null}],"total":1}`)
	return out.String()
}

func TestHugeTrace(t *testing.T) {
	const n = 20_000
	p := newPeer(t)
	p.says("/select/jaeger/api/traces/"+first, "application/json", huge(n))
	l := limits()
	l.MaxSpans = n
	s := serve(t, p, l)
	c := as(t, 0, "")
	if err := s.Trace(&tracesv1.TraceRequest{TraceId: first}, c); err != nil || strings.Count(c.body.String(), `"spanID"`) != 2*n || c.said(rpc.KeyLength) != "" {
		t.Errorf("got %v, %d bytes, %v", err, c.body.Len(), c.header)
	}
	c = as(t, 0, `service="s"`)
	if err := s.Trace(&tracesv1.TraceRequest{TraceId: first}, c); err != nil || strings.Count(c.body.String(), `"spanID"`) != 2*n {
		t.Errorf("got %v, %d bytes", err, c.body.Len())
	}
	c = as(t, 0, "")
	if err := s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: first}, c); err != nil || strings.Count(c.body.String(), `"spanId"`) != n || c.said(rpc.KeyWarning) != "" {
		t.Errorf("got %v, %d bytes, %v", err, c.body.Len(), c.header)
	}
	path, err := s.CriticalPath(c.ctx, &tracesv1.TraceRequest{TraceId: first})
	if err != nil || len(path.GetData().GetSegments()) > 5000 || path.GetData().GetDurationUs() != 2*n {
		t.Errorf("got %v, %d segments", err, len(path.GetData().GetSegments()))
	}
}

func TestTooHugeTrace(t *testing.T) {
	p := newPeer(t)
	p.says("/select/jaeger/api/traces/"+first, "application/json", huge(100))
	l := limits()
	l.MaxSpans = 10
	c := as(t, 0, "")
	err := serve(t, p, l).FlameGraph(&tracesv1.FlameGraphRequest{TraceId: first}, c)
	if err != nil || strings.Count(c.body.String(), `"spanId"`) != 10 || !strings.HasPrefix(c.said(rpc.KeyWarning), "90 spans ") {
		t.Errorf("got %v, %s, %v", err, c.body.String(), c.header)
	}
}
