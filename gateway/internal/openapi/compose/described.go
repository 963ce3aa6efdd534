package compose

import (
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/streamed"
)

// described completes an operation that came from a proto.
func described(r *route.Row, op object) object {
	if text, ok := op["description"].(string); ok {
		op["description"] = strings.Join(strings.Fields(text), " ")
	}
	op["summary"] = r.Summary
	renamed(r, op)
	if len(r.RawBody) > 0 {
		op["requestBody"] = object{"required": true, "content": contents(r.RawBody)}
	}
	answers, ok := op["responses"].(object)
	if !ok {
		return op
	}
	answers["default"] = failure(r)
	if good, ok := answers["200"].(object); ok {
		if r.Stream {
			good["content"] = contents(types(r))
		}
		delete(answers, "200")
		answers[strconv.Itoa(r.Status())] = good
	}
	return op
}

// renamed gives path parameters the names of the row's pattern.
func renamed(r *route.Row, op object) {
	parameters, _ := op["parameters"].([]any)
	for segment := range strings.SplitSeq(r.Pattern, "/") {
		name := strings.Trim(segment, "{}")
		if name == segment {
			continue
		}
		for _, p := range parameters {
			if p, ok := p.(object); ok && p["in"] == "path" && p["name"] == jsonName(name) {
				p["name"] = name
			}
		}
	}
}

// types of a streamed answer.
func types(r *route.Row) []string {
	if len(r.Formats) == 0 {
		return []string{"application/json"}
	}
	var list []string
	for _, format := range r.Formats {
		list = append(list, streamed.MediaTypes(format)[0])
	}
	return list
}

// contents describes bodies by what can be said of every one of their type.
func contents(types []string) object {
	content := object{}
	for _, t := range types {
		schema := object{"type": "string"}
		switch {
		case t == "application/json":
			schema = object{}
		case strings.HasPrefix(t, "application/vnd"):
			schema["format"] = "binary"
		}
		content[t] = object{"schema": schema}
	}
	return content
}
