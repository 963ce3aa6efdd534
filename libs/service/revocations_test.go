package service

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// moonRevoked knows one revoked token, of the tenant moon.
type moonRevoked struct{ ended chan struct{} }

func (r moonRevoked) Run(ctx context.Context) error {
	<-ctx.Done()
	close(r.ended)
	return nil
}

func (r moonRevoked) Check(limit time.Duration) func(context.Context) error {
	return func(context.Context) error { return errors.New("older than " + limit.String()) }
}

func (r moonRevoked) Revoked(session, tenant, user string, issuedAt time.Time) bool {
	return session == "hash" && tenant == "moon" && user == "ann" && issuedAt.Equal(time.Unix(7, 0))
}

func TestWatchRevocations(t *testing.T) {
	list := moonRevoked{make(chan struct{})}
	p, _, _ := program(func(_ context.Context, _ testConfig, s *Server) error { s.WatchRevocations(list); return nil })
	r := run(t, p)
	revoked := *r.bearer.revoked.Load()
	for tenant, want := range map[string]bool{"moon": true, "demo": false} {
		c := &identity.Claims{Tenant: tenant, Session: "hash"}
		c.Subject, c.IssuedAt = "ann", jwt.NewNumericDate(time.Unix(7, 0))
		if got := revoked(c); got != want {
			t.Errorf("tenant %s: got %t, want %t", tenant, got, want)
		}
	}
	state := r.Readiness(t.Context())
	if !state.Ready || !slices.ContainsFunc(state.Parts, func(p Part) bool {
		return p.Name == "revocations" && p.Status == Degraded && p.Error == "older than 30s"
	}) {
		t.Errorf("got %+v", state)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	<-list.ended
}
