package logsql

import (
	"html"
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
