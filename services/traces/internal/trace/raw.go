package trace

import (
	"encoding/json"
	"io"
)

// Raw is one trace as JSON, with what is needed to put traces in order.
type Raw struct {
	// ID of the trace.
	ID string
	// Start of its first span, in microseconds since 1970.
	Start int64
	// JSON of the trace, in Jaeger's shape.
	JSON []byte
}

// Split gives every trace of Jaeger's answer to each as JSON, without the
// spans and processes of services that keep refuses; nil keeps all. Traces
// without a span that is left are skipped. Errors are as those of Read.
func Split(source io.Reader, keep func(service string) bool, each func(Raw) error) error {
	r := newReader(source)
	r.element = func() error {
		raw, spans, err := r.raw(keep)
		if err != nil || spans == 0 {
			return err
		}
		r.theirs = each(raw)
		return r.theirs
	}
	return r.run()
}

// rawTrace is a trace whose spans are looked at, but not changed. Warnings of
// the back end may speak of any span, and stay behind.
type rawTrace struct {
	TraceID   string                     `json:"traceID"`
	Spans     []json.RawMessage          `json:"spans"`
	Processes map[string]json.RawMessage `json:"processes"`
	Warnings  []string                   `json:"warnings"`
}

func (r *reader) raw(keep func(string) bool) (Raw, int, error) {
	var text json.RawMessage
	if err := r.dec.Decode(&text); err != nil {
		return Raw{}, 0, err
	}
	var t rawTrace
	if err := json.Unmarshal(text, &t); err != nil {
		return Raw{}, 0, err
	}
	start, err := t.narrow(keep)
	if keep != nil && err == nil {
		t.Warnings = nil
		text, err = json.Marshal(t)
	}
	return Raw{ID: t.TraceID, Start: start, JSON: text}, len(t.Spans), err
}

// narrow drops what keep refuses, and finds the first start of what is left.
func (t *rawTrace) narrow(keep func(string) bool) (start int64, err error) {
	kept := t.Spans[:0]
	for _, raw := range t.Spans {
		var s struct {
			ProcessID string
			Process   *wireProcess
			StartTime json.Number
		}
		if err := json.Unmarshal(raw, &s); err != nil {
			return 0, err
		}
		if keep != nil && !keep(t.service(s.ProcessID, s.Process)) {
			continue
		}
		if at := micros(s.StartTime, maxStart); len(kept) == 0 || at < start {
			start = at
		}
		kept = append(kept, raw)
	}
	t.Spans = kept
	for id := range t.Processes {
		if keep != nil && !keep(t.service(id, nil)) {
			delete(t.Processes, id)
		}
	}
	return start, nil
}

func (t *rawTrace) service(id string, own *wireProcess) string {
	if own != nil && own.ServiceName != "" {
		return clip(own.ServiceName)
	}
	var p wireProcess
	if err := json.Unmarshal(t.Processes[id], &p); err != nil {
		return ""
	}
	return clip(p.ServiceName)
}
