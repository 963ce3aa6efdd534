package traces

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// render adds the trace as VictoriaTraces writes it, blank by blank; spill is
// called after every span.
func (t *trace) render(b []byte, spill func([]byte) []byte) []byte {
	b = append(b, `{"processes": {`...)
	for i, p := range t.processes {
		b = comma(b, i)
		b = append(strconv.AppendInt(append(b, `"p`...), int64(i)+1, 10), `":`...)
		b = p.process(b)
	}
	b = append(b, `},"spans": [`...)
	for i := range t.spans {
		b = comma(b, i)
		b = spill(t.spans[i].render(b, t.id))
	}
	b = append(b, `],"traceID":`...)
	return append(text(b, t.id), `,"warnings": null}`...)
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

func (f fields) process(b []byte) []byte {
	b = append(b, `{"serviceName":`...)
	b = append(text(b, f.get(serviceField)), `,"tags": [`...)
	n := 0
	for _, x := range f {
		if x.Name != serviceField {
			b = pair(comma(b, n), strings.TrimPrefix(x.Name, resourcePrefix), x.Value)
			n++
		}
	}
	return append(b, "]}"...)
}

// pair is a tag: all are strings, whatever was sent.
func pair(b []byte, name, value string) []byte {
	b = append(b, `{"key":`...)
	b = append(text(b, name), `,"type":"string","value":`...)
	return append(text(b, value), '}')
}

func (s *jaegerSpan) render(b []byte, id string) []byte {
	b = append(b, `{"duration":`...)
	b = number(b, s.get(durationField))
	b = append(b, `,"logs":[`...)
	b = s.logs(b)
	b = append(b, `],"operationName":`...)
	b = text(b, s.get(nameField))
	b = append(b, `,"processID":"p`...)
	b = strconv.AppendInt(b, int64(s.process)+1, 10)
	b = append(b, `","references": [`...)
	b = s.references(b, id)
	b = append(b, `],"spanID":`...)
	b = text(b, s.get(spanField))
	b = append(b, `,"startTime":`...)
	b = number(b, s.get(startField))
	b = append(b, `,"tags": [`...)
	b = s.tags(b)
	b = append(b, `],"traceID":`...)
	return append(text(b, id), `,"warnings":null}`...)
}

func (f fields) tags(b []byte) []byte {
	n := 0
	for _, x := range f {
		if name, value, ok := tag(x); ok {
			b = pair(comma(b, n), name, value)
			n++
		}
	}
	return b
}

func (f fields) logs(b []byte) []byte {
	for i, event := range f.numbered("event:", "event_") {
		b = append(comma(b, i), `{"timestamp":`...)
		b = append(number(b, event.get("time_unix_nano")), `,"fields":[`...)
		n := 0
		for _, x := range event {
			name, ok := strings.CutPrefix(x.Name, "attr:")
			if x.Name == "name" {
				name, ok = "event", true
			}
			if ok {
				b = pair(comma(b, n), name, x.Value)
				n++
			}
		}
		b = append(b, "]}"...)
	}
	return b
}

func (f fields) references(b []byte, id string) []byte {
	n := 0
	if parent := f.get(parentField); parent != "" {
		b = reference(b, "CHILD_OF", parent, id)
		n++
	}
	for _, link := range f.numbered("link:", "link_") {
		b = reference(comma(b, n), "FOLLOWS_FROM", link.get(spanField), link.get(traceField))
		n++
	}
	return b
}

func reference(b []byte, kind, span, trace string) []byte {
	b = append(append(append(b, `{"refType":"`...), kind...), `","spanID":`...)
	b = append(text(b, span), `,"traceID":`...)
	return append(text(b, trace), '}')
}

// number cuts nanoseconds to microseconds.
func number(b []byte, nanos string) []byte {
	n, _ := strconv.ParseUint(nanos, 10, 64)
	return strconv.AppendUint(b, n/1000, 10)
}

// text adds a JSON string.
func text(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(s) // a string can always be written
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
