package login

import (
	"context"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Logout ends the caller's session with all its access tokens, on every
// gateway within a second. A token without a session ends alone.
func (s *Service) Logout(ctx context.Context, p *Principal) error {
	id := p.Identity
	if p.Kind == Anonymous {
		return nil
	}
	s.Log.Info("logout", "audit", true, "session", id.Session, "tenant", id.Tenant)
	return s.revoke(ctx, id.Session, id.Tenant, id.User)
}

// revoke tells everybody by the watched bucket, which holds without Valkey. It
// also removes the session itself and leaves a copy in Valkey for gateways
// whose watch is old; these two may fail, since the bucket decides.
func (s *Service) revoke(ctx context.Context, session, tenant, user string) error {
	watched := s.Revocations.RevokeSession(ctx, session, s.Now())
	_ = s.sessions.end(ctx, session, tenant, user)
	_ = s.Store.Set(ctx, revokedKey(session), []byte(tenant), s.cfg.KeepRevocations())
	if watched == nil {
		return nil
	}
	return fault.New(fault.CodeUnavailable, "Logout is not complete").
		WithDetail("the session is closed, but access tokens issued for it hold until they expire").
		WithRetryAfter(retryStore).Wrap(watched)
}

func revokedKey(session string) string { return cache.Hashed("session_revoked", session) }
