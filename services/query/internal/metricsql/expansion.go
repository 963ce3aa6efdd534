package metricsql

import (
	"errors"
	"maps"
	"strings"
)

// ErrExpansion refuses a query whose WITH templates grow it beyond measure.
// Templates may double with every level, so a short text could otherwise keep
// the parser, and the server, busy for hours.
var ErrExpansion = errors.New("the WITH templates of the query expand to too many terms")

// maxTerms is the largest expansion that is parsed, maxTemplates the largest
// number of templates.
const (
	maxTerms     = 20_000
	maxTemplates = 256
)

// form is the size of an expression: a number of terms (key "") plus, for
// each template parameter in it, how often that stands in it.
type form map[string]float64

func (f form) add(g form, times float64) {
	for k, v := range g {
		f[k] += v * times
	}
}

// template of a WITH expression. The parameters in its form are its own and
// those of templates around it.
type template struct {
	params []string
	size   form
}

// scope maps names to templates.
type scope map[string]template

// builtin templates of MetricsQL that use a parameter more than once, and
// those that do not, with room for their own terms.
func builtins() scope {
	return scope{
		"ru":           {[]string{"$0", "$1"}, form{"": 12, "$0": 1, "$1": 2}},
		"ttf":          {[]string{"$0"}, form{"": 16, "$0": 2}},
		"range_median": {[]string{"$0"}, form{"": 3, "$0": 1}},
		"alias":        {[]string{"$0", "$1"}, form{"": 4, "$0": 1, "$1": 1}},
	}
}

// expands tells whether the templates of the text grow it beyond maxTerms.
// The estimate takes every word for a reference, so it is never too low.
func expands(text string) bool {
	if !mayExpand(text) {
		return false
	}
	list, _ := tokens(text)
	named(list)
	m := &measure{list: list}
	size := form{}
	for m.pos < len(m.list) {
		size.add(m.expr(builtins()), 1)
		m.pos++
	}
	return size[""] > maxTerms || m.defined > maxTemplates
}

// mayExpand tells most queries, which have no template, from the rest.
func mayExpand(text string) bool {
	return strings.Contains(text, "ttf") || strings.Contains(text, "ru") || strings.Contains(text, `\`) ||
		strings.Contains(strings.ToLower(text), "with")
}

// measure walks tokens.
type measure struct {
	list []token
	pos  int
	// defined counts templates, to keep parameters of the same name apart.
	defined int
}

func (m *measure) peek() string {
	if m.pos < len(m.list) {
		return m.list[m.pos].text
	}
	return ""
}

func (m *measure) take(text string) bool {
	if m.peek() != text {
		return false
	}
	m.pos++
	return true
}

// expr measures up to a comma or closing bracket that is not its own.
func (m *measure) expr(env scope) form {
	size := form{}
	for m.pos < len(m.list) {
		t := m.list[m.pos]
		switch t.text {
		case ",", ")", "]", "}":
			return size
		}
		m.pos++
		switch {
		case t.text == "(" || t.text == "[" || t.text == "{":
			for _, arg := range m.group(env) {
				size.add(arg, 1)
			}
		case strings.EqualFold(t.text, "with") && m.take("("):
			env = m.definitions(env)
		default:
			size.add(m.term(t, env), 1)
		}
	}
	return size
}

// group measures what stands between brackets, after the opening one.
func (m *measure) group(env scope) []form {
	var args []form
	for m.pos < len(m.list) {
		args = append(args, m.expr(env))
		if !m.take(",") {
			m.pos++
			break
		}
	}
	return args
}

func (m *measure) term(t token, env scope) form {
	def, found := env[t.text]
	if !found || !t.isWord() {
		return form{"": 1}
	}
	size := form{"": 1}
	size.add(def.size, 1)
	if len(def.params) > 0 && m.take("(") {
		size.substitute(def.params, m.group(env))
	}
	return size
}

func (f form) substitute(params []string, args []form) {
	for i, name := range params {
		times := f[name]
		delete(f, name)
		if i < len(args) {
			// An argument is expanded even where the template has no use for it.
			f.add(args[i], max(times, 1))
		}
	}
}

// definitions reads the templates of a WITH, after its opening bracket. Each
// sees those before it.
func (m *measure) definitions(env scope) scope {
	env = maps.Clone(env)
	for m.pos < len(m.list) && m.defined <= maxTemplates && !m.take(")") {
		name := m.peek()
		m.pos++
		env[name] = m.definition(env)
		m.take(",")
	}
	return env
}

func (m *measure) definition(env scope) template {
	m.defined++
	var def template
	inner := maps.Clone(env)
	if m.take("(") {
		for m.pos < len(m.list) && !m.take(")") {
			id := "$" + string(rune(m.defined)) + m.peek()
			inner[m.peek()] = template{size: form{id: 1}}
			def.params = append(def.params, id)
			m.pos++
			m.take(",")
		}
	}
	m.take("=")
	def.size = m.expr(inner)
	return def
}
