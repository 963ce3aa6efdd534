package metricsql

import (
	"maps"
	"regexp/syntax"
	"slices"

	"github.com/VictoriaMetrics/metricsql"
)

// Names is what definitions are looked up for.
type Names struct {
	// Metrics named by the selectors, sorted.
	Metrics []string
	// Labels that a metric is matched on or grouped by, sorted, by metric.
	Labels map[string][]string
	// Shared labels of selectors that name no metric, and of groupings.
	Shared []string
	// Open is true when a selector names no metric, so that an answer may hold
	// metrics that only the answer itself can name.
	Open bool
}

// maxAlternatives bounds the names taken from one regular expression.
const maxAlternatives = 100

// Names of the query's metrics and labels.
func (q *Query) Names() Names {
	c := collector{labels: map[string]map[string]bool{}, shared: map[string]bool{}, open: q.expr == nil}
	q.visit(c.add)
	n := Names{Labels: map[string][]string{}, Shared: slices.Sorted(maps.Keys(c.shared)), Open: c.open}
	for metric, labels := range c.labels {
		n.Labels[metric] = slices.Sorted(maps.Keys(labels))
	}
	n.Metrics = slices.Sorted(maps.Keys(c.labels))
	return n
}

type collector struct {
	labels map[string]map[string]bool
	shared map[string]bool
	open   bool
}

func (c *collector) add(e metricsql.Expr) {
	switch t := e.(type) {
	case *metricsql.MetricExpr:
		for _, group := range t.LabelFilterss {
			c.addGroup(group)
		}
		c.open = c.open || t.IsEmpty()
	case *metricsql.AggrFuncExpr:
		c.share(t.Modifier.Args)
	case *metricsql.BinaryOpExpr:
		c.share(t.GroupModifier.Args)
		c.share(t.JoinModifier.Args)
	}
}

func (c *collector) share(labels []string) {
	for _, l := range labels {
		if l != "*" && l != nameLabel {
			c.shared[l] = true
		}
	}
}

func (c *collector) addGroup(group []metricsql.LabelFilter) {
	var metrics, labels []string
	for _, f := range group {
		if f.Label == nameLabel {
			metrics = append(metrics, namesOf(f)...)
		} else {
			labels = append(labels, f.Label)
		}
	}
	if len(metrics) == 0 {
		c.open = true
		c.share(labels)
	}
	for _, m := range metrics {
		if c.labels[m] == nil {
			c.labels[m] = map[string]bool{}
		}
		for _, l := range labels {
			c.labels[m][l] = true
		}
	}
}

// namesOf a filter on the name: the name itself, or the alternatives of a
// regular expression that lists plain names.
func namesOf(f metricsql.LabelFilter) []string {
	if f.IsNegative || f.Value == "" {
		return nil
	}
	if !f.IsRegexp {
		return []string{f.Value}
	}
	re, err := syntax.Parse(f.Value, syntax.Perl)
	if err != nil {
		return nil
	}
	list, ok := alternatives(re.Simplify())
	if !ok || len(list) > maxAlternatives {
		return nil
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// alternatives lists all strings that a regular expression without repetition
// matches; ok is false for any other, and for too many.
func alternatives(re *syntax.Regexp) (list []string, ok bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpLiteral:
		return []string{string(re.Rune)}, re.Flags&syntax.FoldCase == 0
	case syntax.OpCharClass:
		return characters(re.Rune)
	case syntax.OpCapture:
		return alternatives(re.Sub[0])
	case syntax.OpAlternate:
		return eitherOf(re.Sub)
	case syntax.OpConcat:
		return productOf(re.Sub)
	}
	return nil, false
}

func characters(ranges []rune) (list []string, ok bool) {
	for i := 0; i < len(ranges); i += 2 {
		if int(ranges[i+1]-ranges[i])+len(list) >= maxAlternatives {
			return nil, false
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			list = append(list, string(r))
		}
	}
	return list, true
}

func eitherOf(subs []*syntax.Regexp) (list []string, ok bool) {
	for _, sub := range subs {
		part, ok := alternatives(sub)
		if !ok || len(list)+len(part) > maxAlternatives {
			return nil, false
		}
		list = append(list, part...)
	}
	return list, true
}

func productOf(subs []*syntax.Regexp) (list []string, ok bool) {
	list = []string{""}
	for _, sub := range subs {
		part, ok := alternatives(sub)
		if !ok || len(list)*len(part) > maxAlternatives {
			return nil, false
		}
		next := make([]string, 0, len(list)*len(part))
		for _, head := range list {
			for _, tail := range part {
				next = append(next, head+tail)
			}
		}
		list = next
	}
	return list, true
}
