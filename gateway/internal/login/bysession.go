package login

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// retryStore is how long a client should wait for the store to come back.
const retryStore = 5 * time.Second

// bySession looks the session up in the store each time: that is what makes
// its end hold at once. Only the signed identity is remembered.
func (s *Service) bySession(ctx context.Context, id string) (*Principal, error) {
	r, user, err := s.session(ctx, id, false)
	if err != nil {
		return nil, err
	}
	if err := s.sessions.touch(ctx, r); err != nil {
		return nil, storeAway(err)
	}
	key := digestOf(id)
	if m := s.memory.get(key); m != nil && m.principal.Identity.Session == r.ID {
		return s.current(key, m)
	}
	p, err := s.principal(Session, user.Tenant, user.ID, user.Roles)
	if err != nil {
		return nil, err
	}
	p.Issued, p.Email, p.FullName = r.CreatedAt, user.Email, user.FullName
	p.Identity.Session, p.Identity.Expires = r.ID, r.Expires
	return s.remember(key, p, r.Expires)
}

// session reads a session that holds: stored, not revoked, and its user is
// still there. The user's roles are those of now, not of the login.
func (s *Service) session(ctx context.Context, id string, refresh bool) (record, account.User, error) {
	r, found, err := s.sessions.find(ctx, id)
	if err != nil {
		return record{}, account.User{}, storeAway(err)
	}
	if !found {
		return record{}, account.User{}, s.unknown(ctx, id, refresh)
	}
	user, known := s.Users.Find(r.UserID)
	if !known || user.Tenant != r.TenantID || s.Revocations.Revoked(r.ID, r.TenantID, r.UserID, r.CreatedAt) {
		return record{}, account.User{}, invalid("the session has ended", nil)
	}
	return r, user, nil
}

// unknown tells an id that was renewed from one that never was. The old id is
// known to its owner's requests under way for a moment; after that, and in a
// refresh at any time, whoever shows it may have stolen it, so the session
// ends for the owner and the thief alike.
func (s *Service) unknown(ctx context.Context, id string, refresh bool) error {
	mark, found, err := s.sessions.spent(ctx, id)
	if err != nil {
		return storeAway(err)
	}
	if found && (refresh || s.Now().Sub(mark.At) > inFlight) {
		s.Log.Warn("renewed session id was used again; session ends", "audit", true, "session", mark.Handle, "tenant", mark.Tenant)
		if err := s.revoke(ctx, mark.Handle, mark.Tenant, mark.User); err != nil {
			return err
		}
	}
	return invalid("the session is unknown or has ended", nil)
}

// Refresh renews a session: a new secret id, and a new access token. The old
// id is spent, and showing it again ends the session. Only a session id can be
// refreshed. Refresh does every check itself, so its route needs no guard
// before it; a guard would hide a spent id from it.
func (s *Service) Refresh(ctx context.Context, id string) (*Grant, error) {
	if !WellFormed(id) {
		return nil, fault.New(fault.CodeTokenInvalid, "Invalid authentication token").
			WithDetail("a refresh needs the session id, not an access token")
	}
	r, user, err := s.session(ctx, id, true)
	if err != nil {
		return nil, err
	}
	first, err := s.sessions.spend(ctx, id, r)
	if err != nil {
		return nil, storeAway(err)
	}
	if !first {
		return nil, s.unknown(ctx, id, true)
	}
	return s.renewSession(ctx, id, r, user)
}

func (s *Service) renewSession(ctx context.Context, id string, r record, user account.User) (*Grant, error) {
	old := r.Key
	r.LastActivity, r.Roles = s.Now().UTC(), user.Roles
	next, err := s.sessions.place(ctx, &r)
	if err != nil {
		return nil, storeAway(err)
	}
	if err := s.Store.Delete(ctx, old); err != nil {
		return nil, storeAway(err)
	}
	s.memory.drop(digestOf(id))
	return s.grant(user, next, r)
}

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

func storeAway(cause error) error {
	return fault.New(fault.CodeUnavailable, "Session store is unavailable").
		WithDetail("sessions cannot be checked now; access tokens still hold").
		WithRetryAfter(retryStore).Wrap(cause)
}

func revokedKey(session string) string { return cache.Hashed("session_revoked", session) }
