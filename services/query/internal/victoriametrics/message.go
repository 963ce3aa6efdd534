package victoriametrics

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
)

// maxMessage bounds what of the back end's message is passed on, in bytes.
const maxMessage = 512

// call is what is known of a request when its answer is judged.
type call struct {
	// query text, if any.
	query string
	// filter that we added.
	filter string
}

// patterns of a message that are ours, not the caller's.
var (
	preamble  = regexp.MustCompile(`(?s)^error when executing query=.*? \((?:time|start)=[^()]*step=\d+\): `)
	preamble2 = regexp.MustCompile(`(?s)^error when executing query=.*? on the time range \([^()]*step=\d+\): `)
	ownLabels = regexp.MustCompile(`,?\s*vm_(?:account|project)_id=\\*"[^"\\]*\\*"`)
	tenantRef = regexp.MustCompile(`accountID=\d+, projectID=\d+,? ?`)
	addresses = regexp.MustCompile(`(?:https?://)?(?:\[[0-9a-fA-F:]+\]|(?:\d{1,3}\.){3}\d{1,3}|[A-Za-z0-9](?:[A-Za-z0-9-]*\.?)*):\d{2,5}\b(?:/\S*)?`)
)

// scrub makes the back end's message fit for the caller: without the echo of
// the query, our filter, tenant ids and addresses, and not longer than
// maxMessage.
func scrub(text string, about call) string {
	text = preamble.ReplaceAllString(text, "")
	text = preamble2.ReplaceAllString(text, "")
	if about.filter != "" {
		inner := strings.Trim(about.filter, "{}")
		for _, form := range []string{about.filter, inner} {
			text = strings.ReplaceAll(text, strconv.Quote(form), "")
			text = strings.ReplaceAll(text, form, "")
			text = strings.ReplaceAll(text, strings.Trim(strconv.Quote(form), `"`), "")
		}
		text = ownLabels.ReplaceAllString(text, "")
	}
	text = tenantRef.ReplaceAllString(text, "")
	return clip(withoutAddresses(text, about.query))
}

// withoutAddresses hides hosts, but not what the caller wrote: a label value
// such as instance="a:9090" explains an error.
func withoutAddresses(text, query string) string {
	return addresses.ReplaceAllStringFunc(text, func(s string) string {
		if query != "" && strings.Contains(query, s) {
			return s
		}
		return "<address>"
	})
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxMessage {
		return s
	}
	cut := maxMessage - len("...")
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// located adds where in the query the back end stopped reading, when it says so.
func located(f *fault.Error, query, text string) *fault.Error {
	p := metricsql.Locate(query, text)
	if query == "" || p == nil {
		return f
	}
	return f.WithExtra("position", map[string]any{
		"offset": float64(p.Offset), "line": float64(p.Line), "column": float64(p.Column)})
}
