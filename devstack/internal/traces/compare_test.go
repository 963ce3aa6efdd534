package traces

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

// check compares an answer with the recorded one; nil means the same.
func check(e transcript.Exchange, got transcript.Reply) error {
	return e.Check(got, []string{"Content-Type", "Content-Encoding", "Access-Control-Allow-Origin", "Vary"},
		func(body []byte) error { return checkBody(e, body) })
}

// checkBody compares bodies as traces, as JSON values, as JSON lines in any
// order, or as text.
func checkBody(e transcript.Exchange, got []byte) error {
	want := []byte(e.Response.Body)
	switch contentType := e.Response.Headers["Content-Type"]; {
	case e.Response.Excerpt:
		return transcript.Same(string(got[:min(len(got), len(want))]), string(want))
	case contentType == "application/stream+json":
		return transcript.Same(transcript.Lines(got), transcript.Lines(want))
	case contentType != "application/json":
		return transcript.Same(string(got), string(want))
	case e.Response.CutFrom > 0 && strings.HasSuffix(e.Request.Path, "/traces"):
		return sameStart(got, want)
	}
	return transcript.SameJSON(got, want, sortTags)
}

// sameStart compares with a recording that ends in the middle of a span.
func sameStart(got, want []byte) error {
	const end = `"warnings":null}`
	want = append(want[:bytes.LastIndex(want, []byte(end))], end+"]}]}"...)
	g, w := tracesOf(got), tracesOf(want)
	for i := range w {
		if i >= len(g) {
			return fmt.Errorf("%d traces, recorded more", len(g))
		}
		gt, is := g[i].(map[string]any)
		wt, was := w[i].(map[string]any)
		if !is || !was {
			return transcript.Same(g[i], w[i])
		}
		gs, _ := gt["spans"].([]any)
		ws, _ := wt["spans"].([]any)
		gt["spans"] = gs[:min(len(gs), len(ws))]
		if _, whole := wt["traceID"]; !whole {
			delete(gt, "traceID")
			delete(gt, "warnings")
		}
		if err := transcript.Same(gt, wt); err != nil {
			return err
		}
	}
	return nil
}

// tracesOf are the members of "data".
func tracesOf(body []byte) []any {
	answer, _ := transcript.Settled(transcript.Decode(body), sortTags).(map[string]any)
	list, _ := answer["data"].([]any)
	return list
}

// sortTags: in the recording their order follows the layout of blocks.
func sortTags(object map[string]any) {
	if tags, ok := object["tags"].([]any); ok {
		transcript.Sorted(tags)
	}
}
