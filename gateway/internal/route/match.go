package route

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
)

// Refusals of Find.
var (
	// ErrUnknown means that nothing is served under the path.
	ErrUnknown = errors.New("no such route")
	// ErrMethod means that the path exists, but not with this method.
	ErrMethod = errors.New("method not allowed")
	// ErrPath means that the path may not be routed at all.
	ErrPath = errors.New("path is not acceptable")
)

// Param is one parameter of a path, decoded once.
type Param struct {
	// Name as in the pattern.
	Name string
	// Value without escapes.
	Value string
}

// Match is a row with the parameters of one request.
type Match struct {
	// Row that was found; nil when the error is not nil.
	Row *Row
	// Params in the order of the pattern.
	Params []Param
	// Allow lists the methods of the path, for the Allow header.
	Allow []string
}

// Param returns the value of a parameter, or "" when there is none.
func (m *Match) Param(name string) string {
	for _, p := range m.Params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// path is one pattern with parameters and the rows that share it.
type path struct {
	segments []string
	rows     []*Row
}

func (p *path) same(segments []string) bool {
	for i, s := range segments {
		if s != p.segments[i] && (!isParam(s) || !isParam(p.segments[i])) {
			return false
		}
	}
	return true
}

func (p *path) add(r *Row) error {
	for _, other := range p.rows {
		if other.Method == r.Method {
			return twice(r)
		}
	}
	p.rows = append(p.rows, r)
	return nil
}

func (p *path) fits(segments []string) bool {
	for i, s := range p.segments {
		if !isParam(s) && s != segments[i] {
			return false
		}
	}
	return true
}

// Find looks up the escaped path of a request. It refuses paths that two
// readers could understand differently before it looks at anything else.
func (t *Table) Find(method, escaped string) (Match, error) {
	segments, err := split(escaped)
	if err != nil {
		return Match{}, err
	}
	rows := t.static[escaped]
	switch {
	case rows == nil:
		rows = t.find(segments)
	case !serves(rows, method):
		// A name may be spelled like a fixed path that has other methods.
		rows = append(slices.Clone(rows), t.find(segments)...)
	}
	if rows == nil && slashed(escaped) {
		return Match{}, ErrPath
	}
	return choose(rows, method, segments)
}

func (t *Table) find(segments []string) []*Row {
	for _, p := range t.dynamic[len(segments)] {
		if p.fits(segments) {
			return p.rows
		}
	}
	return nil
}

func choose(rows []*Row, method string, segments []string) (Match, error) {
	if len(rows) == 0 {
		return Match{}, ErrUnknown
	}
	m := Match{Allow: allow(rows)}
	for _, r := range rows {
		if r.serves(method) {
			m.Row = r
			return m.bind(segments)
		}
	}
	return m, ErrMethod
}

// serves tells whether the row answers a method; a GET row also answers HEAD.
func (r *Row) serves(method string) bool {
	return r.Method == method || r.Method == http.MethodGet && method == http.MethodHead
}

func serves(rows []*Row, method string) bool {
	return slices.ContainsFunc(rows, func(r *Row) bool { return r.serves(method) })
}

// bind decodes the parameters, each once. An escaped slash or percent sign is
// let through only where the row declares a name.
func (m Match) bind(segments []string) (Match, error) {
	if !strings.Contains(m.Row.Pattern, "{") {
		return m, nil
	}
	for i, s := range strings.Split(m.Row.Pattern[1:], "/") {
		if !isParam(s) {
			continue
		}
		name := s[1 : len(s)-1]
		value, err := url.PathUnescape(segments[i])
		if err != nil || value == "" {
			return Match{}, ErrPath
		}
		if strings.ContainsAny(value, "/%") && !m.Row.named(name) {
			return Match{}, ErrPath
		}
		m.Params = append(m.Params, Param{Name: name, Value: value})
	}
	return m, nil
}

func isParam(segment string) bool { return strings.HasPrefix(segment, "{") }

// allow lists methods as the Allow header wants them.
func allow(rows []*Row) []string {
	methods := []string{"OPTIONS"}
	for _, r := range rows {
		methods = append(methods, r.Method)
		if r.Method == http.MethodGet {
			methods = append(methods, "HEAD")
		}
	}
	sort.Strings(methods)
	return slices.Compact(methods)
}
