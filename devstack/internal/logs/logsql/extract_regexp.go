package logsql

import (
	"regexp"
	"strings"
)

func (l *lexer) extractRegexpPipe() (pipe, error) {
	return l.extracting(func(pattern string) (unpacker, error) {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, errorf("cannot parse 'pattern' %q: %w", pattern, err)
		}
		if strings.Join(re.SubexpNames(), "") == "" {
			return nil, errorf("the 'pattern' %q must contain at least a single named group in the form (?P<group_name>...)", pattern)
		}
		return func(text string) (out fields) {
			found := re.FindStringSubmatch(text)
			for i, name := range re.SubexpNames() {
				value := ""
				if found != nil {
					value = found[i]
				}
				if name != "" {
					out = append(out, field{Name: name, Value: value})
				}
			}
			return out
		}, nil
	})
}

// extracting reads if (..) "pattern" from field and the options.
func (l *lexer) extracting(compile func(string) (unpacker, error)) (pipe, error) {
	only, err := l.condition()
	if err != nil {
		return nil, err
	}
	pattern, err := l.value()
	if err != nil {
		return nil, err
	}
	find, err := compile(pattern)
	if err != nil {
		return nil, err
	}
	from := fieldMsg
	if l.accept("from") {
		if from, err = l.name(true); err != nil {
			return nil, err
		}
	}
	keep, skipEmpty := l.accept("keep_original_fields"), l.accept("skip_empty_results")
	return rowPipe{only: only, change: func(r *Record) bool {
		for _, f := range find(r.Get(from)) {
			setResult(r, f.Name, f.Value, keep, skipEmpty)
		}
		return true
	}}, nil
}
