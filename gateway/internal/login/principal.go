package login

import (
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Principal is a caller whose credential holds.
type Principal struct {
	// Identity of the caller; it must not be changed.
	Identity *identity.Identity
	// Hop is the signed identity for the services behind the gateway. It is
	// valid for another 20 s at least, unless the credential ends before.
	Hop string
	// Kind of the credential.
	Kind Kind
	// Issued is when the credential was made.
	Issued time.Time
	// Email and FullName are shown to the user, never decided upon.
	Email, FullName string

	// generation of the rights behind the permissions.
	generation uint64
}

// Kind of a credential.
type Kind string

// The kinds.
const (
	// Anonymous is everybody while authentication is off.
	Anonymous Kind = "anonymous"
	// Token is an access token.
	Token Kind = "token"
	// Session is an opaque session id.
	Session Kind = "session"
)

// Profile is the answer of /auth/me.
type Profile struct {
	UserID      string     `json:"user_id"`
	TenantID    string     `json:"tenant_id"`
	Roles       []string   `json:"roles"`
	Permissions []string   `json:"permissions"`
	Scope       string     `json:"scope,omitempty"`
	Email       string     `json:"email,omitempty"`
	FullName    string     `json:"full_name,omitempty"`
	Credential  Kind       `json:"credential"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
}

// Me describes the caller to itself.
func (p *Principal) Me() Profile {
	id := p.Identity
	me := Profile{UserID: id.User, TenantID: id.Tenant, Roles: list(id.Roles), Permissions: list(id.Permissions),
		Scope: id.Scope, Email: p.Email, FullName: p.FullName, Credential: p.Kind}
	if !id.Expires.IsZero() {
		me.ExpiresAt = &id.Expires
	}
	return me
}

// list keeps an empty list from becoming null in JSON.
func list(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}
