package metrics

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/engine"
	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// filters reads extra_label (ANDed) and both spellings of extra_filters
// (ORed) as one selector; nil filters nothing.
func (a *args) filters() store.Selector {
	var either store.Selector
	for _, spelling := range []string{"extra_filters", "extra_filters[]"} {
		for _, text := range a.urlFirst(spelling) {
			sel, err := engine.ParseSelector(text)
			if err != nil {
				a.fail(fmt.Errorf("cannot parse extra_filters=%s: %w", text, err))
			}
			either = append(either, sel...)
		}
	}
	all := a.extraLabels()
	if len(all) == 0 {
		return either
	}
	return engine.And(either, store.Selector{all})
}

func (a *args) extraLabels() (all []*labels.Matcher) {
	for _, text := range a.urlFirst("extra_label") {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			a.fail(fmt.Errorf("`extra_label` query arg must have the format `name=value`; got %q", text))
			continue
		}
		all = append(all, labels.MustNewMatcher(labels.MatchEqual, name, value))
	}
	return all
}

// urlFirst returns the values of the URL, and those of the form only when the
// URL has none.
func (a *args) urlFirst(name string) []string {
	if values := a.r.URL.Query()[name]; len(values) > 0 {
		return values
	}
	return a.r.Form[name]
}
