package service

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// staleRevocations is how old revocations may be before readiness says so.
const staleRevocations = 30 * time.Second

// Revocations knows which sessions and tokens hold no more; *events.Revocations
// is one.
type Revocations interface {
	// Run keeps them current until ctx ends.
	Run(ctx context.Context) error
	// Check fails while they are older than limit.
	Check(limit time.Duration) func(context.Context) error
	// Revoked tells whether a token holds no more.
	Revoked(sessionHash, tenant, user string, issuedAt time.Time) bool
}

// WatchRevocations ends revoked access tokens of callers that come without the
// gateway. Revocations that are 30 s old degrade the service; the last that
// are known stay in force.
func (s *Server) WatchRevocations(r Revocations) {
	s.Go("revocations", r.Run)
	s.Check("revocations", false, r.Check(staleRevocations))
	s.Revoked(func(c *identity.Claims) bool {
		return r.Revoked(c.Session, c.Tenant, c.Subject, c.IssuedAt.Time)
	})
}
