package param

import (
	"strings"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Forbidden returns the fault of a request that names a filter or an account
// of a back end. Both come from the identity, never from a client.
func Forbidden(names []string) error {
	for _, name := range names {
		if forbidden(name) {
			return fault.New(fault.CodeParamForbidden, "Parameter not allowed").WithField(name, "must not be given: it comes from your identity")
		}
	}
	return nil
}

func forbidden(name string) bool {
	const prefix = "extra"
	if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) && (name[len(prefix)] == '_' || name[len(prefix)] == '-') {
		return true
	}
	return means(name, "accountid") || means(name, "projectid")
}

// IsTenant tells whether a name means the tenant, however it is spelled.
func IsTenant(name string) bool {
	return means(name, "tenantid") || means(name, "tenant") || means(name, "xtenantid")
}

// means compares without case, dashes, underscores and brackets. It runs for
// every parameter of every request, so it makes no copies.
func means(name, plain string) bool {
	at := 0
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_' || c == '-' || c == '[' || c == ']':
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if at == len(plain) || plain[at] != c {
			return false
		}
		at++
	}
	return at == len(plain)
}

// Names lists the names of all parameters.
func (s Set) Names() []string {
	names := make([]string, len(s.pairs))
	for i, p := range s.pairs {
		names[i] = p.Name
	}
	return names
}
