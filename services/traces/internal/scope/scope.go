// Package scope holds a caller to the services that a role scope names. The
// scope is a Prometheus selector without braces; traces can be told apart by
// service only, so a matcher of anything else lets nobody in.
package scope

import (
	"regexp"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// label that can be enforced on spans.
const label = "service"

// Scope allows services; the zero value allows all.
type Scope struct{ groups [][]matcher }

type matcher struct {
	value   string
	pattern *regexp.Regexp
	not     bool
}

// Parse reads a role scope. One that cannot be enforced for certain is a fault.
func Parse(text string) (Scope, error) {
	if text == "" {
		return Scope{}, nil
	}
	groups, err := parse(text)
	if err != nil {
		return Scope{}, fault.New(fault.CodeAccessDenied, "Access denied: invalid role scope").
			WithDetail("a role of yours has a scope that cannot be enforced on traces, which know the label service only; ask an administrator").
			Wrap(err)
	}
	return Scope{groups}, nil
}

// All tells that nothing is left out.
func (s Scope) All() bool { return len(s.groups) == 0 }

// Allows tells whether spans of the service may be seen.
func (s Scope) Allows(service string) bool {
	if s.All() {
		return true
	}
	for _, group := range s.groups {
		if every(group, service) {
			return true
		}
	}
	return false
}

// Keep is Allows, or nil when nothing is left out.
func (s Scope) Keep() func(service string) bool {
	if s.All() {
		return nil
	}
	return s.Allows
}

func every(group []matcher, service string) bool {
	for _, m := range group {
		if m.matches(service) == m.not {
			return false
		}
	}
	return true
}

func (m matcher) matches(service string) bool {
	if m.pattern != nil {
		return m.pattern.MatchString(service)
	}
	return m.value == service
}
