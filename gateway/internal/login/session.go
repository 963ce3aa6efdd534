package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
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

// UserSession is a session in the shape of the contract. ID is its public
// handle: it stays the same when the secret session id is renewed, access
// tokens name it as `sid`, and it is no credential.
type UserSession struct {
	ID           string         `json:"id"`
	UserID       string         `json:"user_id"`
	TenantID     string         `json:"tenant_id"`
	Roles        []string       `json:"roles"`
	CreatedAt    time.Time      `json:"created_at"`
	LastActivity time.Time      `json:"last_activity"`
	UserSettings map[string]any `json:"user_settings"`
	IPAddress    string         `json:"ip_address"`
	UserAgent    string         `json:"user_agent"`
}

// record is what lies in the store. Key repeats where it lies, so that a value
// in the wrong place is not believed.
type record struct {
	UserSession
	Key     string    `json:"key"`
	Expires time.Time `json:"expires"`
}

// sessions keeps sessions by the hash of their id.
type sessions struct {
	cfg    SessionConfig
	store  cache.Store
	now    func() time.Time
	random io.Reader
}

// WellFormed tells whether a text has the form of a session id: 64 lower-case
// hexadecimal digits. Nothing else ever touches a key.
func WellFormed(id string) bool {
	if len(id) != 2*idSize {
		return false
	}
	return strings.Trim(id, "0123456789abcdef") == ""
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

// spent is what stays of a renewed id: enough to end its successors.
type spent struct {
	Handle, Tenant, User string
	At                   time.Time
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

func (r record) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		return nil
	}
	return b
}

func sessionKey(id string) string {
	sum := sha256.Sum256([]byte(id))
	return cache.Key("session", hex.EncodeToString(sum[:]))
}

func spentKey(id string) string      { return cache.Hashed("session_spent", id) }
func handleKey(handle string) string { return cache.Hashed("session_handle", handle) }

func tenantIndex(tenant string) string     { return cache.Key("tenant_sessions", tenant) }
func userIndex(tenant, user string) string { return cache.Key("user_sessions", tenant, user) }

func settings(user account.User) map[string]any {
	m := map[string]any{}
	if user.Email != "" {
		m["email"] = user.Email
	}
	if user.FullName != "" {
		m["full_name"] = user.FullName
	}
	return m
}

// clip bounds what a client can make us keep.
func clip(agent string) string { return agent[:min(len(agent), 256)] }
