package edge

import (
	"context"

	"github.com/platformbuilds/mirador-core/gateway/internal/live"
	"github.com/platformbuilds/mirador-core/gateway/internal/login"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// caller is whom the stream belongs to. It outlives the exchange, so it takes
// copies.
func (e *Edge) caller(x *exchange) live.Caller {
	id, ctx, credential, permission := x.identity(), context.WithoutCancel(x.ctx), e.credential(x), x.row().Permission
	return live.Caller{Tenant: id.Tenant, User: id.User, Verify: func() (context.Context, error) {
		guard, cancel := context.WithTimeout(ctx, guardTimeout)
		defer cancel()
		p, err := e.parts.Login.Authenticate(guard, credential)
		if err != nil {
			return nil, err //nolint:wrapcheck // a fault
		}
		return e.renewed(ctx, p, id, permission)
	}}
}

// renewed is the context of calls for a caller who still is who it was, and
// may still do what it does.
func (e *Edge) renewed(ctx context.Context, p *login.Principal, was *identity.Identity, permission string) (context.Context, error) {
	if p.Identity.Tenant != was.Tenant || p.Identity.Scope != was.Scope {
		return nil, fault.New(fault.CodeTokenInvalid, "Invalid authentication token")
	}
	if err := e.parts.Access.Allow(p.Identity, permission); err != nil {
		return nil, err //nolint:wrapcheck // a fault
	}
	return rpc.WithIdentityToken(identity.Into(ctx, p.Identity), p.Hop), nil
}
