package login

import (
	"context"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache/cachetest"
	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestWithoutValkey(t *testing.T) {
	server := cachetest.Redis(t)
	store := openStore(t, server.Addr)
	w := newWorld(t, func(_ *Config, p *Parts) { p.Store = store })
	before := w.login(t, "ann")
	w.in(t, before.SessionID)
	server.Stop()
	w.out(t, before.SessionID, fault.CodeUnavailable)
	_, err := w.Refresh(t.Context(), before.SessionID)
	hasCode(t, err, fault.CodeUnavailable)
	w.in(t, before.Token)
	during := w.login(t, "ann")
	is(t, "session of a login without Valkey", during.SessionID, "")
	_, cookie := during.Cookie()
	is(t, "cookie", cookie, false)
	check(t, w.Logout(t.Context(), w.in(t, before.Token)))
	w.out(t, before.Token, fault.CodeTokenInvalid)
	check(t, w.Logout(t.Context(), w.in(t, during.Token)))
	w.out(t, during.Token, fault.CodeTokenInvalid)
	server.Resume()
	cachetest.Eventually(t, store.Healthy)
	w.in(t, w.login(t, "ann").SessionID)
}

// TestOldWatch covers a gateway that has lost contact with the revocations.
func TestOldWatch(t *testing.T) {
	w := newWorld(t, func(c *Config, _ *Parts) { c.JWT.Expiry = 24 * time.Hour })
	g := w.login(t, "ann")
	first := w.in(t, g.Token)
	w.revoked.age = 29 * time.Second
	is(t, "remembered at 29 s", w.in(t, g.Token) == first, true)
	w.revoked.age = 30 * time.Second
	is(t, "remembered at 30 s", w.in(t, g.Token) == first, false)

	// Another gateway ends the session; this one learns it from Valkey.
	elsewhere := newWorld(t, func(c *Config, p *Parts) { c.JWT.Expiry, p.Store = 24*time.Hour, w.Store })
	check(t, elsewhere.Logout(t.Context(), elsewhere.in(t, g.Token)))
	w.out(t, g.Token, fault.CodeTokenInvalid)
	w.out(t, g.SessionID, fault.CodeTokenInvalid)
	w.revoked.age = 0
	w.in(t, w.login(t, "ann").Token)
}

func TestOldWatchAndNoValkey(t *testing.T) {
	w := newWorld(t, func(c *Config, p *Parts) { c.JWT.Expiry, p.Store = 24*time.Hour, closedStore(t) })
	token := w.login(t, "ann").Token
	w.revoked.age = time.Hour
	w.clock.add(15 * time.Minute)
	w.in(t, token)
	w.clock.add(time.Second)
	w.out(t, token, fault.CodeUnavailable)
	w.revoked.age = 0
	w.in(t, token)
}

// TestRevocationReachesOtherGateways runs two gateways on a real NATS server
// and none on Valkey.
func TestRevocationReachesOtherGateways(t *testing.T) {
	server := eventstest.Start(t)
	here, there := watching(t, server, "here"), watching(t, server, "there")
	g := here.login(t, "ann")
	check(t, there.Logout(t.Context(), there.in(t, g.Token)))
	there.out(t, g.Token, fault.CodeTokenInvalid)
	cachetest.Eventually(t, func() bool {
		_, err := here.Authenticate(t.Context(), g.Token)
		return fault.From(err) != nil && fault.From(err).Code == fault.CodeTokenInvalid
	})
}

// watching is a gateway with the real revocations and without Valkey.
func watching(t *testing.T, server *eventstest.Server, name string) *world {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	w := newWorld(t, func(c *Config, p *Parts) {
		r := events.NewRevocations(server.Connect(name), c.KeepRevocations(), 1000)
		go func() { defer close(done); _ = r.Run(ctx) }()
		check(t, r.Wait(ctx))
		p.Revocations, p.Store = r, closedStore(t)
	})
	return w
}
