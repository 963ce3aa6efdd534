// Package identity is who calls: the verified tenant, user and rights that
// travel with every request. The gateway signs an identity, services verify
// it; nothing else in a request is believed about its caller.
package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Everything is the permission that implies all others.
const Everything = "*"

// Identity is the verified caller. It is immutable once built.
type Identity struct {
	// Tenant name; never empty on a verified identity.
	Tenant string `json:"ten"`
	// Account and Project are the tenant's ids in the back ends.
	Account uint32 `json:"acc"`
	Project uint32 `json:"prj,omitempty"`
	// User id, unique within the tenant.
	User string `json:"usr"`
	// Session is the hash of the session that the credential belongs to, if any.
	Session string `json:"sid,omitempty"`
	// Roles as granted, sorted.
	Roles []string `json:"rol,omitempty"`
	// Permissions that the roles imply, expanded and sorted.
	Permissions []string `json:"per,omitempty"`
	// Scope is a label selector without braces (`env="prod"`) that narrows
	// everything the caller may read; empty means the whole tenant.
	Scope string `json:"scp,omitempty"`
	// Expires is when the credential behind the identity ends.
	Expires time.Time `json:"-"`
}

// Has tells whether the identity holds the permission.
func (id *Identity) Has(permission string) bool {
	_, ok := slices.BinarySearch(id.Permissions, permission)
	return ok || slices.Contains(id.Permissions, Everything)
}

// TenantPath is "<account>" or "<account>:<project>", the form that
// VictoriaMetrics wants in a path.
func (id *Identity) TenantPath() string {
	account := strconv.FormatUint(uint64(id.Account), 10)
	if id.Project == 0 {
		return account
	}
	return account + ":" + strconv.FormatUint(uint64(id.Project), 10)
}

// ScopeDigest is a short, stable name of what the identity may see within its
// tenant; equal digests may share cached answers.
func (id *Identity) ScopeDigest() string {
	if id.Scope == "" {
		return "-"
	}
	sum := sha256.Sum256([]byte(id.Scope))
	return hex.EncodeToString(sum[:8])
}

// SameTenant refuses a tenant named in a request unless it is empty or the
// caller's own. The field is where the request named it.
func (id *Identity) SameTenant(field, tenant string) error {
	if tenant == "" || tenant == id.Tenant {
		return nil
	}
	return fault.New(fault.CodeTenantForeign, "Access denied: foreign tenant").
		WithField(field, "must be absent or your own tenant")
}

type contextKey struct{}

// Into returns a context that carries the identity.
func Into(ctx context.Context, id *Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// From gives the identity of the context, if any.
func From(ctx context.Context) (*Identity, bool) {
	id, ok := ctx.Value(contextKey{}).(*Identity)
	return id, ok
}

// Require gives the identity of the context, or a fault.
func Require(ctx context.Context) (*Identity, error) {
	id, ok := From(ctx)
	if !ok || strings.TrimSpace(id.Tenant) == "" {
		return nil, fault.New(fault.CodeTenantRequired, "Tenant context required")
	}
	return id, nil
}
