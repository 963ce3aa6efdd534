package logsql

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// step is a literal of a pattern and the field behind it.
type step struct {
	literal string
	field   string // "" at the end; "_" or "*" for what is not kept
	option  string
}

// steps cuts "a<b>c<q:d>" up.
func steps(pattern string) ([]step, error) {
	var all []step
	for {
		open := strings.IndexByte(pattern, '<')
		if open < 0 {
			return append(all, step{literal: html.UnescapeString(pattern)}), nil
		}
		end := strings.IndexByte(pattern[open:], '>')
		if end < 0 {
			return nil, errorf("missing '>' for <%s", pattern[open+1:])
		}
		s := step{literal: html.UnescapeString(pattern[:open]), field: strings.TrimSpace(pattern[open+1 : open+end])}
		if i := strings.IndexByte(s.field, ':'); i >= 0 {
			s.option, s.field = s.field[:i], s.field[i+1:]
		}
		if s.field == "" {
			s.field = "_"
		}
		all = append(all, s)
		pattern = pattern[open+end+1:]
	}
}

func kept(field string) bool { return field != "" && field != "_" && field != "*" }

func (l *lexer) extractPipe() (pipe, error) {
	p, err := l.extracting(func(pattern string) (unpacker, error) {
		all, err := steps(pattern)
		if err != nil {
			return nil, errorf("cannot parse 'pattern' %q: %w", pattern, err)
		}
		found := false
		for _, s := range all {
			found = found || kept(s.field)
		}
		if !found {
			return nil, errorf("cannot parse 'pattern' %q: pattern %q must contain at least a single named field in the form <field_name>", pattern, pattern)
		}
		return func(text string) fields { return extract(all, text) }, nil
	})
	return p, err
}

// extract finds the steps one after the other; fields that are not found are empty.
func extract(all []step, text string) fields {
	var out fields
	at := strings.Index(text, all[0].literal)
	if at >= 0 {
		text = text[at+len(all[0].literal):]
	}
	for i := 0; i+1 < len(all); i++ {
		value := ""
		if at >= 0 {
			value, text, at = untilLiteral(all[i], all[i+1].literal, text)
		}
		if kept(all[i].field) {
			out = append(out, field{Name: all[i].field, Value: value})
		}
	}
	return out
}

func untilLiteral(s step, literal, text string) (value, rest string, at int) {
	if s.option != "plain" {
		if raw, err := strconv.QuotedPrefix(text); err == nil && strings.HasPrefix(text[len(raw):], literal) {
			if v, err := strconv.Unquote(raw); err == nil {
				return v, text[len(raw)+len(literal):], 0
			}
		}
	}
	if literal == "" {
		return text, "", 0
	}
	if at = strings.Index(text, literal); at < 0 {
		return "", "", -1
	}
	return text[:at], text[at+len(literal):], at
}

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

func (l *lexer) formatPipe() (pipe, error) {
	only, err := l.condition()
	if err != nil {
		return nil, err
	}
	pattern, err := l.value()
	if err != nil {
		return nil, err
	}
	all, err := steps(pattern)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if _, ok := formatted(s.option, ""); !ok {
			return nil, unknown("the format option " + s.option)
		}
	}
	l.accept("as")
	to := fieldMsg
	if !l.is(filterEnd...) && !l.is("keep_original_fields", "skip_empty_results") {
		if to, err = l.name(true); err != nil {
			return nil, err
		}
	}
	keep, skipEmpty := l.accept("keep_original_fields"), l.accept("skip_empty_results")
	return rowPipe{only: only, change: func(r *Record) bool {
		var b strings.Builder
		for _, s := range all {
			b.WriteString(s.literal)
			if kept(s.field) {
				v, _ := formatted(s.option, r.Get(s.field))
				b.WriteString(v)
			}
		}
		setResult(r, to, b.String(), keep, skipEmpty)
		return true
	}}, nil
}

// formatted writes a value in the way that the option names.
func formatted(option, v string) (string, bool) {
	switch option {
	case "":
		return v, true
	case "q":
		return string(appendString(nil, v)), true
	case "lc":
		return strings.ToLower(v), true
	case "uc":
		return strings.ToUpper(v), true
	case "urlencode":
		return url.QueryEscape(v), true
	case "urldecode":
		s, err := url.QueryUnescape(v)
		if err != nil {
			s = v
		}
		return s, true
	}
	return "", false
}
