// Package login turns credentials into identities: passwords of local users,
// access tokens (JWT) and opaque sessions. It mints the signed identity that
// services behind the gateway believe. It knows no HTTP.
package login

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/access"
	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Revocations is what login asks and tells about credentials that hold no
// more; events.Revocations is one.
type Revocations interface {
	Revoked(session, tenant, user string, issued time.Time) bool
	RevokeSession(ctx context.Context, session string, at time.Time) error
	Age() time.Duration
}

// Parts are what a Service is built from.
type Parts struct {
	// Users who may log in, and Tenants that identities may name.
	Users   *account.Users
	Tenants *account.Tenants
	// Rights turns roles into permissions.
	Rights *access.Table
	// Tokens issues and checks access tokens; Signer mints signed identities.
	Tokens *identity.Tokens
	Signer *identity.Signer
	// Store keeps sessions and failed attempts.
	Store cache.Store
	// Revocations are watched in memory.
	Revocations Revocations
	// Log receives the audit of logins.
	Log *slog.Logger
	// Now is the clock and Random the source of ids; nil means the real ones.
	Now    func() time.Time
	Random io.Reader
}

// Service answers who somebody is. It is safe for concurrent use.
type Service struct {
	Parts
	cfg       Config
	passwords *passwords
	lockout   *lockout
	sessions  *sessions
	memory    *memory
}

// New returns a service for a valid configuration.
func New(cfg Config, p Parts) (*Service, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Random == nil {
		p.Random = rand.Reader
	}
	passwords, err := newPasswords(p.Users.All(), runtime.GOMAXPROCS(0), p.Random)
	if err != nil {
		return nil, fmt.Errorf("prepare passwords: %w", err)
	}
	s := &Service{Parts: p, cfg: cfg, passwords: passwords, memory: newMemory()}
	s.lockout = &lockout{cfg: cfg.Lockout, shared: p.Store, local: cache.NewMemory(p.Now), now: p.Now}
	s.sessions = &sessions{cfg: cfg.Session, store: p.Store, now: p.Now, random: p.Random}
	return s, nil
}

// ActiveSessions counts the sessions of a tenant that are not expired.
func (s *Service) ActiveSessions(ctx context.Context, tenant string) (int, error) {
	return s.sessions.active(ctx, tenant)
}

// countEvery is how often CountSessions reports.
const countEvery = time.Minute

// CountSessions reports the number of active sessions of every tenant, now and
// then each minute, until the context ends. What cannot be counted while
// Valkey is away is not reported.
func (s *Service) CountSessions(ctx context.Context, report func(tenant string, active int)) error {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		for _, tenant := range s.Tenants.Names() {
			if n, err := s.ActiveSessions(ctx, tenant); err == nil {
				report(tenant, n)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
