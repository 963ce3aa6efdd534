// Package param collects the parameters of a request from its query string, a
// form or the members of a JSON object into one ordered set, so that GET, form
// POST and JSON POST mean the same. It also knows which names a client may
// never send: those that would choose a tenant or a filter of a back end.
package param

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// max bounds the parameters of one request.
const maxPairs = 1000

// Pair is one parameter, decoded.
type Pair struct {
	Name, Value string
}

// Set holds parameters in the client's order. The zero value is empty.
type Set struct {
	pairs []Pair
}

// Parse reads a query string or a form body strictly: an escape that is not
// one, or too many parameters, are refused.
func Parse(raw string) (Set, error) {
	var s Set
	for raw != "" {
		var item string
		item, raw, _ = strings.Cut(raw, "&")
		if item == "" {
			continue
		}
		p, err := pair(item)
		if err != nil {
			return Set{}, err
		}
		if s.pairs = append(s.pairs, p); len(s.pairs) > maxPairs {
			return Set{}, fault.New(fault.CodeMalformedRequest, "Malformed request").WithDetail("more than %d parameters", maxPairs)
		}
	}
	return s, nil
}

func pair(item string) (Pair, error) {
	rawName, rawValue, _ := strings.Cut(item, "=")
	name, err := url.QueryUnescape(rawName)
	if err != nil {
		return Pair{}, malformed("a parameter name")
	}
	value, err := url.QueryUnescape(rawValue)
	if err != nil {
		return Pair{}, malformed(fmt.Sprintf("the parameter %q", name))
	}
	return Pair{name, value}, nil
}

func malformed(what string) error {
	return fault.New(fault.CodeMalformedRequest, "Malformed request").WithDetail("%s holds a broken %%-escape", what)
}

// Pairs lists all parameters in order.
func (s Set) Pairs() []Pair { return s.pairs }

// With returns the parameters of both sets, those of s first.
func (s Set) With(other Set) Set {
	return Set{append(append([]Pair(nil), s.pairs...), other.pairs...)}
}

// All returns every value of the names, in order.
func (s Set) All(names ...string) []string {
	var values []string
	for _, p := range s.pairs {
		for _, name := range names {
			if p.Name == name {
				values = append(values, p.Value)
			}
		}
	}
	return values
}

// One returns the value of a parameter, or "" when it is absent. Two different
// values are a fault: the next reader might take the other one.
func (s Set) One(name string) (string, error) {
	values := s.All(name)
	for _, v := range values {
		if v != values[0] {
			return "", fault.New(fault.CodeInvalidRequest, "Invalid request").WithField(name, "is given more than once")
		}
	}
	if len(values) == 0 {
		return "", nil
	}
	return values[0], nil
}

// Unknown lists the names that are not among the known ones, each once.
func (s Set) Unknown(known ...string) []string {
	var seen map[string]bool
	var unknown []string
	for _, p := range s.pairs {
		if slices.Contains(known, p.Name) || seen[p.Name] {
			continue
		}
		if seen == nil {
			seen = map[string]bool{}
		}
		seen[p.Name] = true
		unknown = append(unknown, p.Name)
	}
	return unknown
}
