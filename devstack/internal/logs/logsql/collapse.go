package logsql

import (
	"regexp"
	"strings"
)

var numbersIn = regexp.MustCompile(`[0-9]+|\b[0-9a-fA-F]{4,}\b`)

// collapsePipe writes <N> for numbers, also hexadecimal ones of four digits or more.
func (l *lexer) collapsePipe() (pipe, error) {
	only, err := l.condition()
	if err != nil {
		return nil, err
	}
	field, err := l.at()
	if l.is("prettify") {
		return nil, unknown("collapse_nums ... prettify")
	}
	return replacing(only, field, func(v string) string { return collapse(v) }), err
}

func collapse(v string) string {
	var b strings.Builder
	last := 0
	for _, m := range numbersIn.FindAllStringIndex(v, -1) {
		before, after := byte(' '), byte(' ')
		if m[0] > 0 {
			before = v[m[0]-1]
		}
		if m[1] < len(v) {
			after = v[m[1]]
		}
		if isLetter(before) && isLetter(after) {
			continue
		}
		b.WriteString(v[last:m[0]])
		b.WriteString("<N>")
		last = m[1]
	}
	return b.String() + v[last:]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

var colors = regexp.MustCompile("\x1b\\[[0-9;?]*[a-zA-Z]")

func (l *lexer) decolorizePipe() (pipe, error) {
	field := fieldMsg
	var err error
	if !l.is(filterEnd...) {
		field, err = l.name(true)
	}
	return replacing(nil, field, func(v string) string { return colors.ReplaceAllString(v, "") }), err
}
