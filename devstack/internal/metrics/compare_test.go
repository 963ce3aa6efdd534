package metrics

import (
	"fmt"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

// volatile are the members that change from run to run.
var volatile = []string{"executionTimeMsec", "requestsCount", "lastRequestTimestamp"}

// check compares an answer with the recorded one; nil means the same.
func check(e transcript.Exchange, got transcript.Reply) error {
	return e.Check(got, []string{"Content-Type", "Content-Encoding", "Access-Control-Allow-Origin"},
		func(body []byte) error { return checkBody(e, body) })
}

// checkBody compares bodies as JSON values, as JSON lines in any order, or as text.
func checkBody(e transcript.Exchange, got []byte) error {
	want := e.Response.Body
	switch {
	case e.Response.Excerpt:
		want, _, _ = strings.Cut(want, " ...")
		return transcript.Same(string(got[:min(len(got), len(want))]), want)
	case strings.HasPrefix(want, `{"metric"`), e.Response.Headers["Content-Type"] == "text/csv; charset=utf-8":
		return transcript.Same(transcript.Lines(got), transcript.Lines([]byte(want)))
	case cutsAnywhere(e):
		return sameCount(transcript.Decode(got), transcript.Decode([]byte(want)))
	}
	settle := settling{keepsOrder: strings.Contains(e.Query(), "topk")}
	return transcript.SameJSON(got, []byte(want), settle.object)
}

// cutsAnywhere tells exchanges whose limit keeps arbitrary members.
func cutsAnywhere(e transcript.Exchange) bool {
	index := strings.HasSuffix(e.Request.Path, "/series") || strings.HasSuffix(e.Request.Path, "/labels") || strings.HasSuffix(e.Request.Path, "/values")
	return index && e.Response.Status == 200 && strings.Contains(e.Query(), "limit=")
}

func sameCount(got, want any) error {
	if g, w := members(got), members(want); g != w {
		return fmt.Errorf("%d members, recorded %d", g, w)
	}
	return nil
}

// members counts those of "data", -1 without such a list.
func members(v any) int {
	answer, _ := v.(map[string]any)
	if list, ok := answer["data"].([]any); ok {
		return len(list)
	}
	return -1
}

// settling drops what is volatile and sorts what has no order: lists of series,
// whose order depends on the order in which labels were written.
type settling struct{ keepsOrder bool }

func (s settling) object(v map[string]any) {
	for _, name := range volatile {
		delete(v, name)
	}
	if list, ok := v["data"].([]any); ok {
		transcript.Sorted(list)
	}
	if list, ok := v["result"].([]any); ok && v["resultType"] != nil && !s.keepsOrder {
		transcript.Sorted(list)
	}
	if text, ok := v["error"].(string); ok {
		v["error"] = withoutPair(text)
	}
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
