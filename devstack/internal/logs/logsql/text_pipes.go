package logsql

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// at reads the optional "at field".
func (l *lexer) at() (string, error) {
	if !l.accept("at") {
		return fieldMsg, nil
	}
	return l.name(true)
}

// replacing makes a pipe that changes one field.
func replacing(only filter, field string, change func(string) string) pipe {
	return rowPipe{only: only, change: func(r *Record) bool {
		if v := r.Get(field); v != "" {
			r.set(field, change(v))
		}
		return true
	}}
}

// replaceArgs reads if (..) ("old", "new") at field limit N.
func (l *lexer) replaceArgs() (only filter, from, to, field string, limit int, err error) {
	if only, err = l.condition(); err != nil {
		return
	}
	if !l.is("(") {
		err = errorf("missing '('")
		return
	}
	var args []string
	if args, err = l.arguments("replace"); err != nil {
		return
	}
	if len(args) != 2 {
		err = errorf("unexpected number of args; got %d; want 2", len(args))
		return
	}
	from, to, limit = args[0], args[1], -1
	if field, err = l.at(); err == nil && l.accept("limit") {
		limit, err = l.count("'limit'")
	}
	return
}

func (l *lexer) replacePipe() (pipe, error) {
	only, from, to, field, limit, err := l.replaceArgs()
	return replacing(only, field, func(v string) string { return strings.Replace(v, from, to, limit) }), err
}

func (l *lexer) replaceRegexpPipe() (pipe, error) {
	only, from, to, field, limit, err := l.replaceArgs()
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(from)
	if err != nil {
		return nil, errorf("cannot parse regexp %q: %w", from, err)
	}
	return replacing(only, field, func(v string) string {
		n := 0
		return string(replaceSome(re, v, to, func() bool { n++; return limit < 0 || n <= limit }))
	}), nil
}

func replaceSome(re *regexp.Regexp, v, to string, more func() bool) []byte {
	var out []byte
	last := 0
	for _, m := range re.FindAllStringSubmatchIndex(v, -1) {
		if !more() {
			break
		}
		out = re.ExpandString(append(out, v[last:m[0]]...), to, v, m)
		last = m[1]
	}
	return append(out, v[last:]...)
}

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

// measurePipe reads len(field) as name, and its like.
func measurePipe(name string) func(l *lexer) (pipe, error) {
	return func(l *lexer) (pipe, error) {
		if !l.accept("(") {
			return nil, errorf("missing '('")
		}
		field, err := l.name(true)
		if err != nil {
			return nil, err
		}
		if !l.accept(")") {
			return nil, errorf("missing ')' after %s", field)
		}
		l.accept("as")
		to := field
		if !l.is(filterEnd...) {
			to, err = l.name(true)
		}
		return rowPipe{change: func(r *Record) bool {
			r.set(to, measure(name, r.Get(field)))
			return true
		}}, err
	}
}

func measure(name, v string) string {
	switch name {
	case "hash":
		return strconv.FormatUint(xxhash.Sum64String(v)&(1<<53-1), 10)
	case "json_array_len":
		var list []json.RawMessage
		_ = json.Unmarshal([]byte(v), &list) // no list has no members
		return strconv.Itoa(len(list))
	}
	return strconv.Itoa(len(v))
}

// packPipe reads pack_json fields (a, b*) as name.
func (l *lexer) packPipe(pack func([]store.Field) string) (pipe, error) {
	only, err := l.condition()
	if err != nil {
		return nil, err
	}
	var of names
	if l.accept("fields") {
		if of, err = l.namesInParens(); err != nil {
			return nil, err
		}
	}
	l.accept("as")
	to := fieldMsg
	if !l.is(filterEnd...) {
		to, err = l.name(true)
	}
	return rowPipe{only: only, change: func(r *Record) bool {
		var fields []store.Field
		for _, f := range r.All() {
			if f.Value != "" && (of.all() || of.match(f.Name)) {
				fields = append(fields, f)
			}
		}
		r.set(to, pack(fields))
		return true
	}}, err
}

func packJSON(fields []store.Field) string { return string(AppendJSON(nil, made(fields...))) }

func packLogfmt(fields []store.Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		v := f.Value
		if strings.ContainsAny(v, " \"=\t\n") {
			v = strconv.Quote(v)
		}
		parts[i] = f.Name + "=" + v
	}
	return strings.Join(parts, " ")
}
