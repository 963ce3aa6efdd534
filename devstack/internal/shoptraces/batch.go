package shoptraces

import (
	"fmt"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Batch collects spans for one OpenTelemetry upload.
type Batch struct {
	spans     int
	resources map[process]*tracepb.ScopeSpans
	data      tracepb.TracesData
}

// process is whose resource attributes spans share.
type process struct {
	service, version string
	instance         int
}

// NewBatch begins an empty batch.
func NewBatch() *Batch { return &Batch{resources: map[process]*tracepb.ScopeSpans{}} }

// Len is the number of spans in the batch.
func (b *Batch) Len() int { return b.spans }

// Add puts a copy of the span into the batch.
func (b *Batch) Add(s *Span) {
	scope := b.scope(s)
	made := &tracepb.Span{
		TraceId: append([]byte(nil), s.Trace[:]...), SpanId: append([]byte(nil), s.ID[:]...),
		Name: s.Name, Kind: tracepb.Span_SpanKind(s.Kind), Attributes: attributes(s.Attributes(nil)), Status: &tracepb.Status{},
		StartTimeUnixNano: uint64(s.Start.UnixNano()), EndTimeUnixNano: uint64(s.End.UnixNano()),
	}
	if s.Parent != [8]byte{} {
		made.ParentSpanId = append([]byte(nil), s.Parent[:]...)
	}
	if s.Fault != "" {
		made.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: s.Fault}
	}
	scope.Spans = append(scope.Spans, made)
	b.spans++
}

func (b *Batch) scope(s *Span) *tracepb.ScopeSpans {
	key := process{s.Service.Name, s.Version, s.Instance}
	scope, ok := b.resources[key]
	if !ok {
		scope = &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: "shop"}}
		b.resources[key] = scope
		b.data.ResourceSpans = append(b.data.ResourceSpans, &tracepb.ResourceSpans{
			Resource: &resourcepb.Resource{Attributes: attributes(s.Resource(nil))}, ScopeSpans: []*tracepb.ScopeSpans{scope},
		})
	}
	return scope
}

// Encode returns the body of the upload, OTLP protobuf.
func (b *Batch) Encode() ([]byte, error) {
	body, err := proto.Marshal(&b.data)
	if err != nil {
		return nil, fmt.Errorf("encode spans: %w", err)
	}
	return body, nil
}

func attributes(fields []Field) []*commonpb.KeyValue {
	list := make([]*commonpb.KeyValue, len(fields))
	for i, f := range fields {
		list[i] = &commonpb.KeyValue{Key: f.Name, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: f.Value}}}
	}
	return list
}

// Resources are the spans by the process whose work they are.
func (b *Batch) Resources() []*tracepb.ResourceSpans { return b.data.ResourceSpans }
