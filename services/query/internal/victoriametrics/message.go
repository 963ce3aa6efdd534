package victoriametrics

import (
	"regexp"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
)

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
)

// scrub makes the back end's message fit for the caller: without the echo of
// the query, our filter, tenant ids and addresses; see upstream.Scrub.
func scrub(text string, about call) string {
	text = preamble.ReplaceAllString(text, "")
	text = preamble2.ReplaceAllString(text, "")
	ours := []*regexp.Regexp{tenantRef}
	if about.filter != "" {
		ours = []*regexp.Regexp{ownLabels, tenantRef}
	}
	return upstream.Scrub(text, upstream.Asked{Query: about.query, Added: about.filter, Ours: ours})
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
