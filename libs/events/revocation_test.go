package events_test

import (
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func revocations(t *testing.T, c *events.Conn) *events.Revocations {
	t.Helper()
	r := events.NewRevocations(c, 24*time.Hour, 100)
	eventstest.Run(t, r.Run)
	if err := r.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRevokedSession(t *testing.T) {
	srv := eventstest.Start(t)
	here, there := revocations(t, srv.Connect("a")), revocations(t, srv.Connect("b"))
	now := time.Now()
	if err := here.RevokeSession(t.Context(), "h+/1=", now); err != nil {
		t.Fatal(err)
	}
	if !here.Revoked("h+/1=", "acme", "ann", now) {
		t.Error("the replica that revoked does not know it")
	}
	eventstest.Eventually(t, "the other replica knows", func() bool { return there.Revoked("h+/1=", "acme", "ann", now) })
	if there.Revoked("h2", "acme", "ann", now) || there.Revoked("", "acme", "ann", now) {
		t.Error("another session is revoked too")
	}
}

func TestRevokedUser(t *testing.T) {
	srv := eventstest.Start(t)
	r := revocations(t, srv.Connect("a"))
	cut := time.Now()
	if err := r.RevokeUser(t.Context(), "acme", "ann.b", cut); err != nil {
		t.Fatal(err)
	}
	if err := r.RevokeUser(t.Context(), "acme", "ann.b", cut.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, tenant, user string
		issued             time.Time
		want               bool
	}{
		{"before", "acme", "ann.b", cut.Add(-time.Second), true},
		{"same moment", "acme", "ann.b", cut, false},
		{"after", "acme", "ann.b", cut.Add(time.Second), false},
		{"other user", "acme", "ann", cut.Add(-time.Second), false},
		{"other tenant", "acme-corp", "ann.b", cut.Add(-time.Second), false},
		{"parts that shift", "acme.ann", "b", cut.Add(-time.Second), false},
	}
	fresh := revocations(t, srv.Connect("b"))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []*events.Revocations{r, fresh} {
				if got := r.Revoked("some", tt.tenant, tt.user, tt.issued); got != tt.want {
					t.Errorf("revoked %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestRevocationsHoldWithoutServer(t *testing.T) {
	srv := eventstest.Start(t)
	r := revocations(t, srv.Connect("a"))
	if err := r.RevokeSession(t.Context(), "h", time.Now()); err != nil {
		t.Fatal(err)
	}
	srv.Stop()
	if !r.Revoked("h", "acme", "ann", time.Now()) {
		t.Error("a revocation is forgotten while the server is away")
	}
	if err := r.RevokeSession(t.Context(), "h2", time.Now()); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("revoke without server: %v", err)
	}
	srv.Resume()
	eventstest.Eventually(t, "revoking works again", func() bool { return r.RevokeSession(t.Context(), "h2", time.Now()) == nil })
	if r.Age() > time.Minute || r.Check(time.Minute)(t.Context()) != nil {
		t.Errorf("age %s", r.Age())
	}
}

func TestRevokeRefuses(t *testing.T) {
	r := events.NewRevocations(eventstest.Start(t).Connect("a"), time.Hour, 10)
	if r.RevokeSession(t.Context(), "", time.Now()) == nil ||
		r.RevokeUser(t.Context(), "", "ann", time.Now()) == nil ||
		r.RevokeUser(t.Context(), "acme", "", time.Now()) == nil {
		t.Error("a revocation of nobody is stored")
	}
}
