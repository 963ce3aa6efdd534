package victoriametrics

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

// target lists, for each kind of request, its path below api/v1/ and exactly
// the parameters that may reach the back end. Nothing a client sent passes in
// any other way.
func target(r read.Request) (endpoint string, v url.Values, err error) {
	switch t := r.(type) {
	case read.Instant:
		return "query", filled("query", t.Query, "time", t.Time, "step", t.Step), nil
	case read.Range:
		return "query_range", filled("query", t.Query, "start", t.Start, "end", t.End, "step", t.Step), nil
	case read.Series:
		return "series", listing(t.Select), nil
	case read.Labels:
		return "labels", listing(t.Select), nil
	case read.LabelValues:
		endpoint, err = labelPath(t.Label)
		return endpoint, listing(t.Select), err
	case read.Metadata:
		return "metadata", filled("metric", t.Metric, "limit", positive(t.Limit)), nil
	}
	return "", nil, fault.New(fault.CodeInternal, msgFailed)
}

// errLabel is the cause of a refused label.
var errLabel = errors.New("the label would leave its place in the path")

// labelPath refuses dot segments: a proxy before the back end might resolve
// them, escaped or not, and so reach another tenant's path.
func labelPath(label string) (string, error) {
	bad := label == "" || strings.ContainsFunc(label, unicode.IsControl)
	for _, segment := range strings.FieldsFunc(label, func(c rune) bool { return c == '/' || c == '\\' }) {
		bad = bad || segment == "." || segment == ".."
	}
	if bad {
		return "", fault.New(fault.CodeInvalidRequest, "Label name is required").
			WithField("name", "is not a label name").Wrap(errLabel)
	}
	return "label/" + url.PathEscape(label) + "/values", nil
}

func listing(s read.Select) url.Values {
	v := filled("start", s.Start, "end", s.End, "limit", positive(s.Limit))
	if len(s.Match) > 0 {
		v["match[]"] = s.Match
	}
	return v
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

// long tells parameters that do not fit into a URL. An escape makes three bytes
// of one, so most need not be encoded to see that they fit.
func long(v url.Values) bool {
	size := 0
	for name, list := range v {
		for _, value := range list {
			size += len(name) + len(value) + len("=&")
		}
	}
	return 3*size > longForm && len(v.Encode()) > longForm
}
