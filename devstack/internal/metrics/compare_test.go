package metrics

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// volatile are the members that change from run to run.
var volatile = []string{"executionTimeMsec", "requestsCount", "lastRequestTimestamp"}

// checkBody compares bodies as JSON values, as JSON lines in any order, or as text.
func (e exchange) checkBody(got []byte) error {
	want := e.Response.Body
	if e.Response.Excerpt != nil {
		want, _, _ = strings.Cut(want, " ...")
		got = got[:min(len(got), len(want))]
	}
	if strings.HasPrefix(want, `{"metric"`) {
		return same(lines(string(got)), lines(want))
	}
	if e.Response.Headers["Content-Type"] == "text/csv; charset=utf-8" {
		return same(lines(string(got)), lines(want))
	}
	var w, g any
	if decodeJSON([]byte(want), &w) != nil {
		if string(got) != want {
			return fmt.Errorf("body %.300q, recorded %.300q", got, want)
		}
		return nil
	}
	if err := decodeJSON(got, &g); err != nil {
		return fmt.Errorf("body %.300q is no JSON: %w", got, err)
	}
	if e.cutsAnywhere() {
		return sameCount(g, w)
	}
	return same(e.normal(g), e.normal(w))
}

func decodeJSON(b []byte, into *any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(into)
}

func lines(text string) any {
	var all []any
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var v any
		if decodeJSON([]byte(line), &v) != nil {
			v = line
		}
		all = append(all, v)
	}
	return sorted(all)
}

// cutsAnywhere tells exchanges whose limit keeps arbitrary members.
func (e exchange) cutsAnywhere() bool {
	index := strings.HasSuffix(e.Request.Path, "/series") || strings.HasSuffix(e.Request.Path, "/labels") || strings.HasSuffix(e.Request.Path, "/values")
	return index && e.Response.Status == 200 && strings.Contains(e.query(), "limit=")
}

func sameCount(got, want any) error {
	g, w := member(got, "data"), member(want, "data")
	if len(g) != len(w) {
		return fmt.Errorf("%d members, recorded %d", len(g), len(w))
	}
	return nil
}

func member(v any, name string) []any {
	m, _ := v.(map[string]any)
	list, _ := m[name].([]any)
	return list
}

// normal drops what is volatile and sorts what has no order: lists of series,
// whose order depends on the order in which labels were written.
func (e exchange) normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range volatile {
			delete(v, name)
		}
		for k, inner := range v {
			v[k] = e.normal(inner)
		}
		if list, ok := v["data"].([]any); ok {
			v["data"] = sorted(list)
		}
		if _, ok := v["resultType"]; ok && !strings.Contains(e.query(), "topk") {
			v["result"] = sorted(v["result"].([]any))
		}
		if text, ok := v["error"].(string); ok {
			v["error"] = withoutPair(text)
		}
	case []any:
		for i := range v {
			v[i] = e.normal(v[i])
		}
	}
	return v
}

// withoutPair cuts the two series that a matching error names: any two will do.
func withoutPair(text string) string {
	if i := strings.Index(text, "duplicate time series"); i >= 0 {
		if j := strings.Index(text[i:], ": {"); j >= 0 {
			return text[:i+j]
		}
	}
	return text
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
