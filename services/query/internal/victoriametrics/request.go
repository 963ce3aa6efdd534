package victoriametrics

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// A Request asks for one endpoint of the read API. Each kind lists exactly
// the parameters that may reach the back end; nothing a client sent passes in
// any other way.
type Request interface {
	// endpoint below api/v1/, escaped.
	endpoint() (string, error)
	values() url.Values
}

// Instant evaluates a query at one time.
type Instant struct {
	// Query in MetricsQL.
	Query string
	// Time and Step in a form that the back end reads; empty means its default.
	Time, Step string
}

// Range evaluates a query at every step.
type Range struct {
	// Query in MetricsQL.
	Query string
	// Start, End and Step in a form that the back end reads.
	Start, End, Step string
}

// Select narrows a listing.
type Select struct {
	// Match selectors, ORed by the back end.
	Match []string
	// Start and End of the window; empty means the back end's default.
	Start, End string
	// Limit of entries; 0 means the back end's own.
	Limit int
}

// Series lists label sets.
type Series struct{ Select }

// Labels lists label names.
type Labels struct{ Select }

// LabelValues lists the values of one label.
type LabelValues struct {
	// Label name.
	Label string
	Select
}

// Metadata lists what scraped targets said about metrics. A shared single node
// must not be asked: it does not filter this answer.
type Metadata struct {
	// Metric restricts the answer to one name.
	Metric string
	// Limit of metrics; 0 means the back end's own.
	Limit int
}

func (r Instant) endpoint() (string, error)  { return "query", nil }
func (r Range) endpoint() (string, error)    { return "query_range", nil }
func (r Series) endpoint() (string, error)   { return "series", nil }
func (r Labels) endpoint() (string, error)   { return "labels", nil }
func (r Metadata) endpoint() (string, error) { return "metadata", nil }

// errLabel is the fault of a label that would leave its place in the path.
var errLabel = errors.New("the label would leave its place in the path")

// endpoint refuses dot segments: a proxy before the back end might resolve
// them, escaped or not, and so reach another tenant's path.
func (r LabelValues) endpoint() (string, error) {
	bad := r.Label == "" || strings.ContainsFunc(r.Label, unicode.IsControl)
	for _, segment := range strings.FieldsFunc(r.Label, func(c rune) bool { return c == '/' || c == '\\' }) {
		bad = bad || segment == "." || segment == ".."
	}
	if bad {
		return "", fault.New(fault.CodeInvalidRequest, "Label name is required").
			WithField("name", "is not a label name").Wrap(errLabel)
	}
	return "label/" + url.PathEscape(r.Label) + "/values", nil
}

func (r Instant) values() url.Values {
	return filled("query", r.Query, "time", r.Time, "step", r.Step)
}

func (r Range) values() url.Values {
	return filled("query", r.Query, "start", r.Start, "end", r.End, "step", r.Step)
}

func (r Select) values() url.Values {
	v := filled("start", r.Start, "end", r.End, "limit", positive(r.Limit))
	if len(r.Match) > 0 {
		v["match[]"] = r.Match
	}
	return v
}

func (r Metadata) values() url.Values {
	return filled("metric", r.Metric, "limit", positive(r.Limit))
}

// filled takes names and values in turn and leaves empty ones out.
func filled(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// seconds writes the time left for the back end.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) + "s"
}
