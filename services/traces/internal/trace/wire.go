package trace

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxName bounds names of services and operations, in bytes.
	maxName = 1024
	// maxStart and maxDuration, 285 and half a year in microseconds, bound times,
	// so that no sum over a trace can overflow.
	maxStart    = 1 << 53
	maxDuration = 1 << 44
	// maxLinks of one span are kept.
	maxLinks = 16
)

// wireSpan is a span in Jaeger's JSON, as far as it is looked at. VictoriaTraces
// makes texts of all tags; Jaeger keeps their types.
type wireSpan struct {
	SpanID        string
	ParentSpanID  string
	OperationName string
	ProcessID     string
	StartTime     json.Number
	Duration      json.Number
	References    []wireReference
	Tags          []wireTag
	Process       *wireProcess
}

type wireReference struct{ RefType, TraceID, SpanID string }

type wireProcess struct{ ServiceName string }

type wireTag struct {
	Key   string
	Value json.RawMessage
}

// reset makes the span fit for the next; the memory of its lists is used again,
// and encoding/json does not clear it.
func (w *wireSpan) reset() {
	references, tags := w.References[:cap(w.References)], w.Tags[:cap(w.Tags)]
	clear(references)
	for i := range tags {
		tags[i].Key, tags[i].Value = "", tags[i].Value[:0]
	}
	*w = wireSpan{References: references[:0], Tags: tags[:0]}
}

func (w *wireSpan) span(intern func(string) string) Span {
	s := Span{ID: clip(w.SpanID), Operation: intern(w.OperationName),
		Start: micros(w.StartTime, maxStart), Duration: micros(w.Duration, maxDuration)}
	if w.Process != nil {
		s.Service = intern(w.Process.ServiceName)
	}
	w.relate(&s)
	var peer peers
	for _, t := range w.Tags {
		t.apply(&s, &peer, intern)
	}
	s.SetPeer(peer.service, peer.database, peer.queue)
	return s
}

// relate finds the parent, which is the first CHILD_OF, and the links.
func (w *wireSpan) relate(s *Span) {
	for _, r := range w.References {
		switch {
		case r.RefType == "CHILD_OF" && s.Parent == "":
			s.Parent = clip(r.SpanID)
		case r.RefType == "FOLLOWS_FROM" && len(s.Links) < maxLinks:
			s.Links = append(s.Links, Link{TraceID: clip(r.TraceID), SpanID: clip(r.SpanID)})
		}
	}
	if s.Parent == "" && len(w.References) == 0 {
		s.Parent = clip(w.ParentSpanID)
	}
}

func (t *wireTag) apply(s *Span, p *peers, intern func(string) string) {
	switch t.Key {
	case "span.kind":
		s.Kind = ParseKind(strings.ToLower(t.text()))
	case "error":
		s.Error = s.Error || t.text() == "true"
	case "otel.status_code":
		s.Error = s.Error || t.text() == "ERROR"
	default:
		p.take(t.Key, func() string { return intern(t.text()) })
	}
}

// text of the value, whatever its type.
func (t *wireTag) text() string {
	if len(t.Value) > 0 && t.Value[0] == '"' {
		var s string
		if json.Unmarshal(t.Value, &s) == nil {
			return s
		}
	}
	return string(t.Value)
}

// micros reads a number between 0 and most.
func micros(n json.Number, most int64) int64 {
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return min(max(i, 0), most)
	}
	f, err := n.Float64()
	if err != nil || math.IsNaN(f) || f < 0 {
		return 0
	}
	return int64(min(f, float64(most)))
}

// clip bounds a name without cutting a character.
func clip(s string) string {
	if len(s) <= maxName {
		return s
	}
	cut := maxName
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
