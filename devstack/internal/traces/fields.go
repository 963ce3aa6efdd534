package traces

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest/otlp"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// fields are a span's in the order of their names: the order of tags in
// answers follows it.
type fields []store.Field

func (f *fields) set(name, value string) {
	if value != "" {
		*f = append(*f, store.Field{Name: name, Value: value})
	}
}

func (f *fields) count(name string, n uint32) { f.set(name, strconv.FormatUint(uint64(n), 10)) }

func (f *fields) nanos(name string, n uint64) { f.set(name, strconv.FormatUint(n, 10)) }

// attributes adds the attributes in the order of their names; an empty value
// is a dash.
func (f *fields) attributes(prefix string, list []*commonv1.KeyValue) {
	*f = append(*f, attributes(prefix, list)...)
}

func attributes(prefix string, list []*commonv1.KeyValue) (f fields) {
	otlp.Each(prefix, list, func(name, value string) {
		if value == "" {
			value = "-"
		}
		f.set(name, value)
	})
	slices.SortStableFunc(f, func(a, b store.Field) int { return strings.Compare(a.Name, b.Name) })
	return f
}

func (f fields) get(name string) string {
	for i := range f {
		if f[i].Name == name {
			return f[i].Value
		}
	}
	return ""
}

// head adds what stands before the attributes.
func (f *fields) head(s *tracev1.Span) {
	f.set("_msg", "-")
	f.count("dropped_attributes_count", s.DroppedAttributesCount)
	f.count("dropped_events_count", s.DroppedEventsCount)
	f.count("dropped_links_count", s.DroppedLinksCount)
	f.nanos(durationField, s.EndTimeUnixNano-min(s.StartTimeUnixNano, s.EndTimeUnixNano))
	f.nanos("end_time_unix_nano", s.EndTimeUnixNano)
	for i, e := range s.Events {
		f.event("event:"+strconv.Itoa(i)+":event_", e)
	}
	f.count("flags", s.Flags)
	f.set(kindField, strconv.Itoa(int(s.Kind)))
	for i, l := range s.Links {
		f.link("link:"+strconv.Itoa(i)+":link_", l)
	}
	f.set(nameField, s.Name)
	f.set(parentField, hex.EncodeToString(s.ParentSpanId))
}

func (f *fields) event(prefix string, e *tracev1.Span_Event) {
	f.attributes(prefix+"attr:", e.Attributes)
	f.count(prefix+"dropped_attributes_count", e.DroppedAttributesCount)
	f.set(prefix+"name", e.Name)
	f.nanos(prefix+"time_unix_nano", e.TimeUnixNano)
}

func (f *fields) link(prefix string, l *tracev1.Span_Link) {
	f.attributes(prefix+"attr:", l.Attributes)
	f.count(prefix+"dropped_attributes_count", l.DroppedAttributesCount)
	f.count(prefix+"flags", l.Flags)
	f.set(prefix+"span_id", hex.EncodeToString(l.SpanId))
	f.set(prefix+"trace_id", hex.EncodeToString(l.TraceId))
	f.set(prefix+"trace_state", l.TraceState)
}

// tail adds what stands behind the attributes.
func (f *fields) tail(s *tracev1.Span, trace string) {
	f.set(spanField, hex.EncodeToString(s.SpanId))
	f.nanos(startField, s.StartTimeUnixNano)
	f.set(statusField, strconv.Itoa(int(s.GetStatus().GetCode())))
	f.set(messageField, s.GetStatus().GetMessage())
	f.set(traceField, trace)
	f.set(stateField, s.TraceState)
}
