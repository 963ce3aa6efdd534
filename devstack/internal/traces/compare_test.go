package traces

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// checkBody compares bodies as traces, as JSON values, as JSON lines in any
// order, or as text.
func (e exchange) checkBody(got []byte) error {
	want := []byte(e.Response.Body)
	switch contentType := e.Response.Headers["Content-Type"]; {
	case e.Response.Excerpt != nil:
		return same(string(got[:min(len(got), len(want))]), string(want))
	case contentType == "application/stream+json":
		return same(e.lines(got), e.lines(want))
	case contentType != "application/json":
		return same(string(got), string(want))
	case e.Response.CutFrom > 0 && strings.HasSuffix(e.Request.Path, "/traces"):
		return sameStart(got, want)
	}
	return same(normal(decode(got)), normal(decode(want)))
}

// sameStart compares with a recording that ends in the middle of a span.
func sameStart(got, want []byte) error {
	const end = `"warnings":null}`
	want = append(want[:bytes.LastIndex(want, []byte(end))], end+"]}]}"...)
	g, w := normal(decode(got)).(map[string]any)["data"].([]any), normal(decode(want)).(map[string]any)["data"].([]any)
	for i := range w {
		if i >= len(g) {
			return fmt.Errorf("%d traces, recorded more", len(g))
		}
		gt, wt := g[i].(map[string]any), w[i].(map[string]any)
		gs, ws := gt["spans"].([]any), wt["spans"].([]any)
		gt["spans"] = gs[:min(len(gs), len(ws))]
		if _, whole := wt["traceID"]; !whole {
			delete(gt, "traceID")
			delete(gt, "warnings")
		}
		if err := same(gt, wt); err != nil {
			return err
		}
	}
	return nil
}

// decode returns a JSON value, or the text that is none.
func decode(b []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return string(b)
	}
	return v
}

// normal sorts tags: in the recording their order follows the layout of blocks.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = normal(inner)
		}
		if tags, ok := v["tags"].([]any); ok {
			v["tags"] = sorted(tags)
		}
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	}
	return v
}

func (e exchange) lines(body []byte) (all []any) {
	for line := range bytes.Lines(body) {
		all = append(all, decode(line))
	}
	return sorted(all)
}

func sorted(list []any) []any {
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return list
}

func same(got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	at := 0
	for at < min(len(g), len(w)) && g[at] == w[at] {
		at++
	}
	from := max(0, at-60)
	return fmt.Errorf("body differs at %d: ...%.300s\nrecorded: ...%.300s", at, g[from:], w[from:])
}
