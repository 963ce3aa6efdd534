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
	plain := strings.ToLower(name)
	if strings.HasPrefix(plain, "extra_") || strings.HasPrefix(plain, "extra-") {
		return true
	}
	switch squeeze(plain) {
	case "accountid", "projectid":
		return true
	}
	return false
}

// IsTenant tells whether a name means the tenant, however it is spelled.
func IsTenant(name string) bool {
	switch squeeze(strings.ToLower(name)) {
	case "tenantid", "tenant", "xtenantid":
		return true
	}
	return false
}

func squeeze(name string) string {
	return strings.NewReplacer("_", "", "-", "", "[]", "").Replace(name)
}

// Names lists the names of all parameters.
func (s Set) Names() []string {
	names := make([]string, len(s.pairs))
	for i, p := range s.pairs {
		names[i] = p.Name
	}
	return names
}
