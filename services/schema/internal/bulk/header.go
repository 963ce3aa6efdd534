package bulk

import (
	"slices"
	"strings"
	"unicode"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// header tells where the columns of a file are, by name.
type header map[string]int

// readHeader wants every name to be known, none twice, and the required ones.
func readHeader(kind Kind, names []string) (header, error) {
	h := make(header, len(names))
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(sheets[kind].columns, name) {
			return nil, fault.New(fault.CodeInvalidRequest, "unknown column: "+shown(name)).
				WithDetail("the columns are %s", strings.Join(sheets[kind].columns, ", "))
		}
		if _, twice := h[name]; twice {
			return nil, fault.New(fault.CodeInvalidRequest, "duplicate column: "+name)
		}
		h[name] = i
	}
	for _, name := range sheets[kind].required {
		if _, ok := h[name]; !ok {
			return nil, fault.New(fault.CodeInvalidRequest, "missing column: "+name)
		}
	}
	return h, nil
}

// shown is a name that a client chose, fit for a message.
func shown(name string) string {
	const most = 64
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name))
	return string(runes[:min(most, len(runes))])
}
