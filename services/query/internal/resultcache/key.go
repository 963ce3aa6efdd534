package resultcache

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
)

// version of what is stored; a new one makes all older entries unreachable.
const version = "1"

// Key names one answer. Every member takes part in it; two keys that differ
// anywhere never share an answer.
type Key struct {
	// Tenant and Account ("AccountID:ProjectID") of the identity.
	Tenant, Account string
	// Scope is the digest of the role scope, empty without one.
	Scope string
	// Route of the call, for example "instant".
	Route string
	// Query is the canonical MetricsQL.
	Query string
	// Params are all other parameters that shape the answer, in a fixed order
	// that the route chooses: times, step, timeout, definition options.
	Params []string
	// Epoch of the tenant's definitions.
	Epoch uint64
}

// text spells the key out. Each part carries its length, so that no content of
// a part can look like the border to the next.
func (k Key) text() string {
	return spell(append([]string{version, k.Tenant, k.Account, k.Scope, k.Route, k.Query,
		strconv.FormatUint(k.Epoch, 10)}, k.Params...)...)
}

func spell(parts ...string) string {
	var space [512]byte
	b := space[:0]
	for _, part := range parts {
		b = strconv.AppendInt(b, int64(len(part)), 10)
		b = append(append(b, ':'), part...)
	}
	return string(b)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
