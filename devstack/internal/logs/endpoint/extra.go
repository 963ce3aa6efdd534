package endpoint

import (
	"encoding/json"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/logsql"
)

// extra puts the filters of extra_filters and extra_stream_filters before the
// query; each that is given counts.
func (a *arguments) extra(now int64) error {
	for _, name := range []string{"extra_filters", "extra_stream_filters"} {
		for _, text := range a.form.Form[name] {
			f, err := extraFilter(text, name == "extra_stream_filters", now)
			if err != nil {
				return err
			}
			if text != "" {
				a.query.And(f)
			}
		}
	}
	return nil
}

func extraFilter(text string, ofStream bool, now int64) (logsql.Filter, error) {
	if !strings.HasPrefix(text, `{"`) {
		if text == "" {
			return logsql.Filter{}, nil
		}
		return logsql.ParseFilter(text, now)
	}
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		return logsql.Filter{}, errorf(`cannot parse JSON: cannot parse object: cannot parse object value: cannot parse empty string; unparsed tail: ""`)
	}
	var all []logsql.Filter
	for field, v := range object {
		var values []string
		switch v := v.(type) {
		case string:
			values = []string{v}
		case []any:
			for _, x := range v {
				s, ok := x.(string)
				if !ok {
					return logsql.Filter{}, errorf("unexpected value for %q in JSON; want a string", field)
				}
				values = append(values, s)
			}
		default:
			return logsql.Filter{}, errorf("unexpected value for %q in JSON; want a string or a list of strings", field)
		}
		all = append(all, logsql.FieldIn(field, values, ofStream))
	}
	return logsql.AllOf(all), nil
}
