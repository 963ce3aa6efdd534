package victoriatraces

import (
	"cmp"
	"strconv"

	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// spanRow is a span as VictoriaTraces stores it: all values are texts.
type spanRow struct {
	TraceID  string `json:"trace_id"`
	SpanID   string `json:"span_id"`
	ParentID string `json:"parent_span_id"`
	Name     string `json:"name"`
	// Kind and Status are numbers of OTLP.
	Kind   string `json:"kind"`
	Status string `json:"status_code"`
	// Duration in nanoseconds.
	Duration  string `json:"duration"`
	Service   string `json:"resource_attr:service.name"`
	Peer      string `json:"span_attr:peer.service"`
	Database  string `json:"span_attr:db.system"`
	Database2 string `json:"span_attr:db.system.name"`
	Messaging string `json:"span_attr:messaging.system"`
	LinkTrace string `json:"link:0:link_trace_id"`
	LinkSpan  string `json:"link:0:link_span_id"`
}

func (r *spanRow) span() trace.Span {
	s := trace.Span{ID: r.SpanID, Parent: r.ParentID, Service: r.Service, Operation: r.Name, Kind: r.kind(), Error: r.failed()}
	if ns, err := strconv.ParseInt(r.Duration, 10, 64); err == nil {
		s.Duration = max(0, ns/1000)
	}
	s.SetPeer(r.Peer, cmp.Or(r.Database2, r.Database), r.Messaging)
	if r.LinkSpan != "" {
		s.Links = []trace.Link{{TraceID: r.LinkTrace, SpanID: r.LinkSpan}}
	}
	return s
}

// kind follows the numbers of OTLP's SpanKind.
func (r *spanRow) kind() trace.Kind {
	switch r.Kind {
	case "1":
		return trace.KindInternal
	case "2":
		return trace.KindServer
	case "3":
		return trace.KindClient
	case "4":
		return trace.KindProducer
	case "5":
		return trace.KindConsumer
	}
	return trace.KindUnset
}

// failed follows OTLP's StatusCode.
func (r *spanRow) failed() bool { return r.Status == "2" }
