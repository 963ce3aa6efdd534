package drift

import (
	"regexp"
	"slices"
	"strconv"
)

// Outside is one label with values that its definition does not allow.
type Outside struct {
	Metric, Label string
	// Values are sorted and cut at the limit.
	Values []string
}

// rule says which values a definition allows.
type rule struct {
	values  []string
	pattern *regexp.Regexp
}

// ruleOf reads the free object of allowed values: a list of texts, numbers or
// truth values under "values" or "enum", and a pattern that must fit a whole
// value under "pattern". An object without any of them, or with a pattern that
// cannot be read, does not judge.
func ruleOf(allowed map[string]any) (rule, bool) {
	var r rule
	for _, name := range []string{"values", "enum"} {
		if list, ok := allowed[name].([]any); ok {
			r.values = append(r.values, texts(list)...)
		}
	}
	if text, ok := allowed["pattern"].(string); ok {
		r.pattern, _ = regexp.Compile("^(?:" + text + ")$")
	}
	return r, len(r.values) > 0 || r.pattern != nil
}

func texts(list []any) []string {
	var out []string
	for _, v := range list {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case float64:
			out = append(out, strconv.FormatFloat(v, 'f', -1, 64))
		case bool:
			out = append(out, strconv.FormatBool(v))
		}
	}
	return out
}

// allows tells whether a value is in the list or fits the pattern.
func (r rule) allows(value string) bool {
	return slices.Contains(r.values, value) || r.pattern != nil && r.pattern.MatchString(value)
}

// NotAllowed gives the values that an object of allowed values refuses, sorted,
// each once. Objects that say nothing about values refuse none.
func NotAllowed(allowed map[string]any, values []string) []string {
	r, judges := ruleOf(allowed)
	if !judges {
		return nil
	}
	return slices.DeleteFunc(sorted(values), r.allows)
}
