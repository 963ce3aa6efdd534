package service

import (
	"sync/atomic"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// bearer turns a user's access token into an identity, for gRPC consumers
// that come without the gateway.
type bearer struct {
	tokens  *identity.Tokens
	tenants *identity.Tenants
	roles   *identity.Roles
	revoked atomic.Pointer[func(*identity.Claims) bool]
}

// newBearer returns one without tokens, which refuses all, when no secret is
// configured.
func newBearer(c Config) (*bearer, error) {
	tenants, err := c.TenantTable()
	if err != nil {
		return nil, err
	}
	b := &bearer{tenants: tenants, roles: identity.NewRoles(identity.BuiltIn(c.AdminRole)...)}
	if c.JWT.Secret != "" {
		b.tokens, err = c.JWT.Tokens(time.Now)
	}
	return b, err
}

// Verify implements rpc.Verifier.
func (b *bearer) Verify(token string) (*identity.Identity, error) {
	if b.tokens == nil {
		return nil, fault.New(fault.CodeAuthRequired, "Authentication required")
	}
	claims, err := b.tokens.Verify(token)
	if err != nil {
		return nil, err
	}
	if revoked := b.revoked.Load(); revoked != nil && (*revoked)(claims) {
		return nil, fault.New(fault.CodeTokenInvalid, "Invalid authentication token").WithDetail("the token was revoked")
	}
	ref, err := b.tenants.Lookup(claims.Tenant)
	if err != nil {
		return nil, err
	}
	permissions, scope := b.roles.Grant(claims.Roles)
	return &identity.Identity{
		Tenant: claims.Tenant, Account: ref.Account, Project: ref.Project, User: claims.Subject,
		Session: claims.Session, Roles: claims.Roles, Permissions: permissions, Scope: scope,
		Expires: claims.ExpiresAt.Time}, nil
}
