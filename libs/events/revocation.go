package events

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// RevocationBucket is the bucket of revoked sessions and users. keep must be
// longer than any token lives: after it a revocation is forgotten.
func RevocationBucket(keep time.Duration) Bucket {
	return Bucket{Name: "revocations", Description: "sessions and tokens that hold no more", Keep: keep, MaxValue: maxNumber}
}

// MaxRevocations is what a service watches; with more, none are trusted to be
// complete.
const MaxRevocations = 200_000

// Forms of keys in the bucket: s.<session hash> and u.<tenant>.<user>.
const (
	sessionPrefix = "s"
	userPrefix    = "u"
)

var errRevocation = errors.New("not a revocation")

// revoked is what an entry speaks of: a session, or a user of a tenant.
type revoked struct{ session, tenant, user string }

// Revocations knows which sessions and tokens hold no more, without asking
// the network. Whoever remembers tokens must stop doing so when Age grows
// past its limit.
type Revocations struct {
	view *View[revoked, time.Time]
	conn *Conn
}

// NewRevocations watches at most maxEntries revocations; Run must be running.
func NewRevocations(c *Conn, keep time.Duration, maxEntries int) *Revocations {
	return &Revocations{conn: c, view: NewView(c, ViewConfig[revoked, time.Time]{
		Bucket: RevocationBucket(keep), Key: parseRevoked, Value: parseMoment, MaxEntries: maxEntries})}
}

// Run keeps the revocations current until ctx ends.
func (r *Revocations) Run(ctx context.Context) error { return r.view.Run(ctx) }

// Wait returns when they have been read once, or with the error of ctx.
func (r *Revocations) Wait(ctx context.Context) error { return r.view.Wait(ctx) }

// Age is the time since the revocations were last known to be complete.
func (r *Revocations) Age() time.Duration { return r.view.Age() }

// Check fails while they are older than limit; it is a readiness check.
func (r *Revocations) Check(limit time.Duration) func(context.Context) error {
	return r.view.Check(limit)
}

// Revoked tells whether a token holds no more: its session was revoked, or
// its user may only use tokens issued later. sessionHash may be empty. A token
// whose time of issue is cut to whole seconds counts as issued at the start of
// its second, so one issued within the second of a revocation is refused too.
func (r *Revocations) Revoked(sessionHash, tenant, user string, issuedAt time.Time) bool {
	if sessionHash != "" {
		if _, ok := r.view.Get(revoked{session: sessionHash}); ok {
			return true
		}
	}
	notBefore, ok := r.view.Get(revoked{tenant: tenant, user: user})
	return ok && issuedAt.Before(notBefore.Value)
}

// RevokeSession ends a session everywhere. It returns once the revocation is
// stored; this process knows it at once, the others within a second.
func (r *Revocations) RevokeSession(ctx context.Context, sessionHash string, at time.Time) error {
	if sessionHash == "" {
		return fmt.Errorf("revoke session: no hash")
	}
	return r.write(ctx, revoked{session: sessionHash}, at)
}

// RevokeUser ends every token of a user that was issued before the given
// time. A later time that is already stored stays.
func (r *Revocations) RevokeUser(ctx context.Context, tenant, user string, notBefore time.Time) error {
	if tenant == "" || user == "" {
		return fmt.Errorf("revoke user: no tenant or user")
	}
	return r.write(ctx, revoked{tenant: tenant, user: user}, notBefore)
}

func (r *Revocations) write(ctx context.Context, what revoked, at time.Time) error {
	key, err := what.encode()
	if err != nil {
		return err
	}
	stored, revision, err := r.conn.raise(ctx, r.view.cfg.Bucket, key, uint64(max(0, at.UnixNano())))
	if err != nil {
		return Unavailable("store revocation", err)
	}
	r.view.Applied(what, moment(stored), revision)
	return nil
}

func (k revoked) encode() (string, error) {
	if k.session != "" {
		token, err := Encode(k.session)
		return sessionPrefix + "." + token, err
	}
	tenant, err := Encode(k.tenant)
	if err != nil {
		return "", err
	}
	user, err := Encode(k.user)
	return strings.Join([]string{userPrefix, tenant, user}, "."), err
}

func parseRevoked(key string) (revoked, error) {
	parts := strings.Split(key, ".")
	texts := make([]string, len(parts))
	for i, p := range parts {
		text, err := Decode(p)
		if err != nil {
			return revoked{}, err
		}
		texts[i] = text
	}
	switch {
	case len(parts) == 2 && parts[0] == sessionPrefix:
		return revoked{session: texts[1]}, nil
	case len(parts) == 3 && parts[0] == userPrefix:
		return revoked{tenant: texts[1], user: texts[2]}, nil
	}
	return revoked{}, fmt.Errorf("decode key %q: %w", key, errRevocation)
}

func parseMoment(value []byte) (time.Time, error) {
	n, err := parseNumber(value)
	return moment(n), err
}

func moment(nanos uint64) time.Time { return time.Unix(0, int64(nanos)) }
