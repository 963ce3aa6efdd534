package login

import (
	"context"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

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
