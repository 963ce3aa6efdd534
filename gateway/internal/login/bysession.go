package login

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
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

func storeAway(cause error) error {
	return fault.New(fault.CodeUnavailable, "Session store is unavailable").
		WithDetail("sessions cannot be checked now; access tokens still hold").
		WithRetryAfter(retryStore).Wrap(cause)
}
