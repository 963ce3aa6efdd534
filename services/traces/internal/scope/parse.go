package scope

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxText bounds a scope, and so the size of its patterns.
const maxText = 16 << 10

var errForm = errors.New("not a list of matchers")

// parse reads matchers with commas between them, in groups with `or` between
// them; a comma may end a group.
func parse(text string) ([][]matcher, error) {
	if len(text) > maxText {
		return nil, errForm
	}
	var groups [][]matcher
	var group []matcher
	for rest := text; ; {
		m, after, err := one(rest)
		if err != nil {
			return nil, err
		}
		group = append(group, m)
		rest = blank(after)
		comma := strings.HasPrefix(rest, ",")
		rest = blank(strings.TrimPrefix(rest, ","))
		switch {
		case rest == "":
			return append(groups, group), nil
		case alternative(rest):
			groups, group, rest = append(groups, group), nil, rest[len("or"):]
		case !comma:
			return nil, errForm
		}
	}
}

// alternative tells the word `or` from a label that begins like it.
func alternative(rest string) bool {
	return len(rest) > 2 && strings.EqualFold(rest[:2], "or") && blank(rest[2:]) != rest[2:]
}

// one reads a matcher.
func one(text string) (m matcher, rest string, err error) {
	rest = blank(text)
	n := 0
	for n < len(rest) && (rest[n] == '_' || rest[n] == '.' || rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z' || rest[n] >= '0' && rest[n] <= '9') {
		n++
	}
	if name := rest[:n]; name != label {
		return m, "", fmt.Errorf("matcher of %q", name)
	}
	rest = blank(rest[n:])
	operator, rest, err := operator(rest)
	if err != nil {
		return m, "", err
	}
	value, rest, err := quoted(blank(rest))
	if err != nil {
		return m, "", err
	}
	m = matcher{value: value, not: operator[0] == '!'}
	if strings.HasSuffix(operator, "~") {
		m.pattern, err = anchored(value)
	}
	return m, rest, err
}

// anchored matches whole texts, as Prometheus does; its dot takes newlines. The
// pattern must stand alone, or a parenthesis could undo the anchors.
func anchored(pattern string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(pattern); err != nil {
		return nil, err
	}
	return regexp.Compile("^(?s:" + pattern + ")$")
}

func operator(text string) (operator, rest string, err error) {
	for _, operator := range []string{"=~", "!~", "!=", "="} {
		if rest, ok := strings.CutPrefix(text, operator); ok {
			return operator, rest, nil
		}
	}
	return "", "", errForm
}

// quoted reads a text in double quotes, single quotes or backquotes.
func quoted(text string) (value, rest string, err error) {
	if text == "" || !strings.ContainsRune("\"'`", rune(text[0])) {
		return "", "", errForm
	}
	mark := text[0]
	end := 1
	for end < len(text) && text[end] != mark {
		if text[end] == '\\' && mark != '`' {
			end++
		}
		end++
	}
	if end >= len(text) {
		return "", "", errForm
	}
	value, err = unquote(text[1:end], mark)
	return value, text[end+1:], err
}

func unquote(inner string, mark byte) (string, error) {
	if mark == '`' {
		return inner, nil
	}
	var out strings.Builder
	for inner != "" {
		r, multibyte, rest, err := strconv.UnquoteChar(inner, mark)
		if err != nil {
			return "", err
		}
		if inner = rest; r < 0x80 || multibyte {
			out.WriteRune(r)
		} else {
			out.WriteByte(byte(r))
		}
	}
	return out.String(), nil
}

func blank(s string) string { return strings.TrimLeft(s, " \t\r\n") }
