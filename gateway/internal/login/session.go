package login

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/cache"
)

const (
	// idSize is 256 bits; in hex the 64 characters of the contract.
	idSize = 32
	// handleSize of the public name of a session.
	handleSize = 16
	// touchEvery is how often the last activity is written at most.
	touchEvery = time.Minute
	// inFlight is how long after a refresh the old id may still be seen in
	// requests that were under way.
	inFlight = 10 * time.Second
)

// sessions keeps sessions by the hash of their id.
type sessions struct {
	cfg    SessionConfig
	store  cache.Store
	now    func() time.Time
	random io.Reader
}

// open makes a session for a user who just proved who they are.
func (s *sessions) open(ctx context.Context, user account.User, from Attempt) (id string, r record, err error) {
	handle, err := s.name(handleSize)
	if err != nil {
		return "", record{}, err
	}
	now := s.now().UTC()
	r = record{Expires: now.Add(s.cfg.Absolute), UserSession: UserSession{
		ID: handle, UserID: user.ID, TenantID: user.Tenant, Roles: user.Roles, CreatedAt: now, LastActivity: now,
		UserSettings: settings(user), IPAddress: from.Address, UserAgent: clip(from.Agent)}}
	id, err = s.place(ctx, &r)
	return id, r, err
}

// place stores the record under a new id.
func (s *sessions) place(ctx context.Context, r *record) (id string, err error) {
	if id, err = s.name(idSize); err != nil {
		return "", err
	}
	r.Key = sessionKey(id)
	if err := s.store.Set(ctx, r.Key, r.encode(), s.ttl(*r)); err != nil {
		return "", fmt.Errorf("store session: %w", err)
	}
	if err := s.store.Set(ctx, handleKey(r.ID), []byte(r.Key), s.left(*r)); err != nil {
		return "", fmt.Errorf("store session: %w", err)
	}
	return id, s.index(ctx, *r)
}

func (s *sessions) index(ctx context.Context, r record) error {
	return errors.Join(
		s.store.Note(ctx, tenantIndex(r.TenantID), r.ID, s.ttl(r)),
		s.store.Note(ctx, userIndex(r.TenantID, r.UserID), r.ID, s.ttl(r)))
}

// find reads the session of an id.
func (s *sessions) find(ctx context.Context, id string) (r record, found bool, err error) {
	return s.at(ctx, sessionKey(id))
}

func (s *sessions) at(ctx context.Context, key string) (r record, found bool, err error) {
	value, found, err := s.store.Get(ctx, key)
	if err != nil || !found {
		return record{}, false, err
	}
	if err := json.Unmarshal(value, &r); err != nil || r.Key != key || !s.now().Before(r.Expires) {
		return record{}, false, nil
	}
	return r, true, nil
}

// touch slides the idle limit, at most once a minute. It never brings back a
// session that was ended meanwhile.
func (s *sessions) touch(ctx context.Context, r record) error {
	now := s.now().UTC()
	if now.Sub(r.LastActivity) < touchEvery {
		return nil
	}
	r.LastActivity = now
	there, err := s.store.Replace(ctx, r.Key, r.encode(), s.ttl(r))
	if err != nil || !there {
		return err
	}
	return s.index(ctx, r)
}

// active counts the sessions of a tenant that were used within the idle limit.
func (s *sessions) active(ctx context.Context, tenant string) (int, error) {
	handles, err := s.store.Noted(ctx, tenantIndex(tenant))
	return len(handles), err
}

// spend marks the id as renewed and tells whether this call was the first.
func (s *sessions) spend(ctx context.Context, id string, r record) (bool, error) {
	mark, err := json.Marshal(spent{r.ID, r.TenantID, r.UserID, s.now()})
	if err != nil {
		return false, fmt.Errorf("encode spent session: %w", err)
	}
	return s.store.Add(ctx, spentKey(id), mark, s.left(r))
}

func (s *sessions) spent(ctx context.Context, id string) (mark spent, found bool, err error) {
	value, found, err := s.store.Get(ctx, spentKey(id))
	if err != nil || !found {
		return spent{}, false, err
	}
	return mark, json.Unmarshal(value, &mark) == nil, nil
}

// end removes the session with the handle, wherever its id has got to.
func (s *sessions) end(ctx context.Context, handle, tenant, user string) error {
	key, found, err := s.store.GetDelete(ctx, handleKey(handle))
	if err != nil {
		return err
	}
	if found {
		err = s.store.Delete(ctx, string(key))
	}
	return errors.Join(err,
		s.store.Forget(ctx, tenantIndex(tenant), handle),
		s.store.Forget(ctx, userIndex(tenant, user), handle))
}

func (s *sessions) name(size int) (string, error) {
	b := make([]byte, size)
	if _, err := io.ReadFull(s.random, b); err != nil {
		return "", fmt.Errorf("read random id: %w", err)
	}
	return hex.EncodeToString(b), nil
}

func (s *sessions) left(r record) time.Duration { return max(r.Expires.Sub(s.now()), time.Millisecond) }

func (s *sessions) ttl(r record) time.Duration { return min(s.cfg.Idle, s.left(r)) }
