package traces

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

var start = recorded().Add(-time.Hour)

// made is a span that a test makes.
type made struct {
	trace, span     int
	service, name   string
	tag             string // value of the attribute "k"
	after, duration time.Duration
}

func (m made) traceID() string { return fmt.Sprintf("%032x", m.trace) }

func (m made) end() int64 { return start.Add(m.after + m.duration).UnixNano() }

func str(s string) *commonv1.AnyValue {
	return &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValue{StringValue: s}}
}

// resourceSpans makes what a client exports.
func resourceSpans(all ...made) (out []*tracev1.ResourceSpans) {
	for _, m := range all {
		s := &tracev1.Span{
			TraceId: binary.BigEndian.AppendUint64(make([]byte, 8), uint64(m.trace)), SpanId: binary.BigEndian.AppendUint64(nil, uint64(m.span)),
			Name: m.name, StartTimeUnixNano: uint64(start.Add(m.after).UnixNano()), EndTimeUnixNano: uint64(m.end()),
			Attributes: []*commonv1.KeyValue{{Key: "k", Value: str(m.tag)}},
		}
		out = append(out, &tracev1.ResourceSpans{
			Resource:   &resourcev1.Resource{Attributes: []*commonv1.KeyValue{{Key: "service.name", Value: str(m.service)}}},
			ScopeSpans: []*tracev1.ScopeSpans{{Spans: []*tracev1.Span{s}}},
		})
	}
	return out
}

// found is an answer of Jaeger's API, as far as tests look at it.
type found struct {
	Data []struct {
		TraceID   string
		Processes map[string]struct{ ServiceName string }
		Spans     []struct {
			SpanID, OperationName, ProcessID string
			StartTime, Duration              int64
		}
	}
	Total int
}

// fatal is what testing and rapid share.
type fatal interface {
	Helper()
	Errorf(format string, args ...any)
}

func get(t fatal, s *Server, target string) (f found) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil {
		t.Errorf("%s: %d %.200s: %v", target, w.Code, w.Body, err)
	}
	return f
}

func getTotal(t fatal, s *Server, target string) int {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	var list struct{ Total int }
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
		t.Errorf("%s: %d %.200s: %v", target, w.Code, w.Body, err)
	}
	return list.Total
}
