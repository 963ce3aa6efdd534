package victorialogs

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// errScope refuses a role scope that is no plain list of matchers. Nobody may
// query under it.
var errScope = errors.New("the role scope is not a plain label selector")

var matcher = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_.]*)\s*(=~|!~|!=|=)\s*`)

// Scoped tells whether the identity sees less than its whole tenant.
func Scoped(id *identity.Identity) bool { return id != nil && id.Scope != "" }

// scopeFilter makes a stream filter of a role scope: matchers with commas or
// "or" between them. It is written anew, so that nothing else passes. A bare
// list without braces would match nothing.
func scopeFilter(scope string) (string, error) {
	if strings.TrimSpace(scope) == "" {
		return "", nil
	}
	out, rest := "{", scope
	for {
		m := matcher.FindStringSubmatch(rest)
		if m == nil {
			return "", errScope
		}
		rest = rest[len(m[0]):]
		prefix, err := strconv.QuotedPrefix(rest)
		if err != nil || prefix[0] == '\'' {
			return "", errScope
		}
		value, err := strconv.Unquote(prefix)
		if err != nil {
			return "", errScope
		}
		out += label(m[1]) + m[2] + strconv.Quote(value)
		rest = strings.TrimSpace(rest[len(prefix):])
		if rest == "" {
			return out + "}", nil
		}
		joint, after, ok := cutJoint(rest)
		if !ok {
			return "", errScope
		}
		out, rest = out+joint, after
	}
}

func cutJoint(rest string) (joint, after string, ok bool) {
	if after, ok = strings.CutPrefix(rest, ","); ok {
		return ",", after, true
	}
	after, ok = strings.CutPrefix(rest, "or ")
	return " or ", after, ok
}

func label(name string) string {
	if strings.Contains(name, ".") {
		return strconv.Quote(name)
	}
	return name
}
