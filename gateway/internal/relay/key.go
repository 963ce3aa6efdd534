package relay

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
)

// Key names one answer of one caller. Every member up to Epoch takes part in it;
// two keys that differ anywhere there never share an answer.
type Key struct {
	// Tenant and Account ("AccountID:ProjectID") of the identity.
	Tenant, Account string
	// Scope is the digest of the role scope, empty without one.
	Scope string
	// Route is the route's pattern or RPC.
	Route string
	// Params are the raw parameters; they are sorted here by name. Those of the
	// same name keep their order, which may have a meaning.
	Params []Param
	// Epoch of the tenant's definitions.
	Epoch uint64
	// Bypass keeps the answer out of the cache and of shared calls.
	Bypass bool
	// Heed takes the service's word "bypass" for the whole truth: the answer is
	// not stored here either, and nobody waits for it.
	Heed bool
}

// Param is one raw parameter.
type Param struct {
	// Name and Value as the client sent them, decoded.
	Name, Value string
}

// appendText spells the key out. Each part carries its length, so that no
// content of a part can look like the border to the next.
func (k Key) appendText(b []byte) []byte {
	for _, part := range [...]string{k.Tenant, k.Account, k.Scope, k.Route} {
		b = appendPart(b, part)
	}
	b = append(strconv.AppendUint(b, k.Epoch, 10), ';')
	for _, p := range sorted(k.Params) {
		b = appendPart(appendPart(b, p.Name), p.Value)
	}
	return b
}

func appendPart(b []byte, part string) []byte {
	b = append(strconv.AppendInt(b, int64(len(part)), 10), ':')
	return append(b, part...)
}

func sorted(params []Param) []Param {
	byName := func(a, b Param) int { return cmp.Compare(a.Name, b.Name) }
	if slices.IsSortedFunc(params, byName) {
		return params
	}
	params = slices.Clone(params)
	slices.SortStableFunc(params, byName)
	return params
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return string(sum[:])
}
