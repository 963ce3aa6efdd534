package edge

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/limit"
	"github.com/platformbuilds/mirador-core/gateway/internal/login"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// Login turns credentials into principals; login.Service is one.
type Login interface {
	Authenticate(ctx context.Context, credential string) (*login.Principal, error)
	Login(ctx context.Context, a login.Attempt) (*login.Grant, error)
	Refresh(ctx context.Context, session string) (*login.Grant, error)
	Logout(ctx context.Context, p *login.Principal) error
	NoCookie() login.Cookie
}

// Limiter counts requests; limit.Limiter is one.
type Limiter interface {
	Address(ctx context.Context, address string) limit.Decision
	Identity(ctx context.Context, id *identity.Identity, cost uint32) limit.Decision
}

// Access decides by the permission that a row declares; access.Table is one.
type Access interface {
	Allow(id *identity.Identity, permission string) error
}

// guardTimeout bounds what login and limits may wait for Valkey.
const guardTimeout = 2 * time.Second

// guarded is the context of all guards of a request together. It ends with the
// exchange.
func (x *exchange) guarded() context.Context {
	if x.guards == nil {
		x.guards, x.unguard = context.WithTimeout(x.ctx, guardTimeout)
	}
	return x.guards
}

// limitAddress counts requests of one address before any credential is looked
// at. Rows without a cost (health, metrics, documents) are exempt.
func (e *Edge) limitAddress(x *exchange) error {
	if x.row() != nil && x.row().Cost == 0 {
		return nil
	}
	d := e.parts.Limit.Address(x.guarded(), x.client)
	if !d.Refused {
		return nil
	}
	d.Headers(x.set)
	return d.Err()
}

// authenticate finds out who calls. Public rows need nobody.
func (e *Edge) authenticate(x *exchange) error {
	if x.row().Permission == route.Public {
		return nil
	}
	return e.identify(x)
}

func (e *Edge) identify(x *exchange) error {
	p, err := e.parts.Login.Authenticate(x.guarded(), e.credential(x))
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	x.principal = p
	x.ctx = rpc.WithIdentityToken(identity.Into(x.ctx, p.Identity), p.Hop)
	return e.sameSite(x)
}

// limitIdentity counts the row's cost against the user and the tenant.
func (e *Edge) limitIdentity(x *exchange) error {
	id := x.identity()
	if id == nil {
		return nil
	}
	d := e.parts.Limit.Identity(x.guarded(), id, x.row().Cost)
	d.Headers(x.set)
	return d.Err()
}

// authorise compares the row's permission with the caller's rights.
func (e *Edge) authorise(x *exchange) error {
	if x.row().Permission == route.Public {
		return nil
	}
	return e.parts.Access.Allow(x.identity(), x.row().Permission) //nolint:wrapcheck // a fault for the caller
}
