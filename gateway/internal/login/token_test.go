package login

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// issue makes a token by hand, as a third party with the secret would.
func (w *world) issue(t testing.TB, c identity.Claims) string {
	t.Helper()
	token, _, err := w.Tokens.Issue(c)
	check(t, err)
	return token
}

func claims(tenant string, roles ...string) identity.Claims {
	c := identity.Claims{Tenant: tenant, Roles: roles}
	c.Subject = "eve"
	return c
}

func TestTokensThatDoNotHold(t *testing.T) {
	w := newWorld(t)
	good := w.login(t, "ann").Token
	other := newWorld(t, func(c *Config, _ *Parts) { c.JWT.Secret = strings.Repeat("k", 32) })
	audience := newWorld(t, func(c *Config, _ *Parts) { c.JWT.Audience = "elsewhere" })
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"nonsense":          "nonsense",
		"two parts":         parts[0] + "." + parts[1],
		"no signature":      parts[0] + "." + parts[1] + ".",
		"changed":           parts[0] + "." + parts[1] + "A." + parts[2],
		"other secret":      other.login(t, "ann").Token,
		"other audience":    audience.login(t, "ann").Token,
		"hop token":         w.in(t, good).Hop,
		"bearer word twice": "Bearer " + good,
	} {
		t.Run(name, func(t *testing.T) { w.out(t, token, fault.CodeTokenInvalid) })
	}
	w.out(t, w.issue(t, claims("unlisted", "admin")), fault.CodeTenantRequired)
}

func TestTokenEnds(t *testing.T) {
	w := newWorld(t)
	token := w.login(t, "ann").Token
	w.in(t, token)
	w.clock.add(15*time.Minute - time.Second)
	w.in(t, token)
	w.clock.add(time.Second)
	w.out(t, token, fault.CodeTokenInvalid)
	w.clock.add(time.Minute)
	w.out(t, token, fault.CodeTokenInvalid)
}

func TestForeignTokenCanBeLoggedOut(t *testing.T) {
	w := newWorld(t)
	one, two := w.issue(t, claims("demo", "viewer", "admin", "viewer")), w.issue(t, claims("demo", "viewer"))
	p := w.in(t, one)
	is(t, "roles", strings.Join(p.Identity.Roles, " "), "admin viewer")
	check(t, w.Logout(t.Context(), p))
	w.out(t, one, fault.CodeTokenInvalid)
	w.in(t, two)
}

func TestTokenIsRemembered(t *testing.T) {
	w := newWorld(t)
	token := w.login(t, "ann").Token
	first := w.in(t, token)
	w.clock.add(39 * time.Second)
	is(t, "same principal", w.in(t, token) == first, true)
	w.clock.add(time.Second)
	second := w.in(t, token)
	is(t, "signed anew 20 s before the end", second.Hop == first.Hop, false)
	is(t, "kept", w.in(t, token) == second, true)
}

// TestHopTokenAlwaysHolds walks over the life of a token second by second.
func TestHopTokenAlwaysHolds(t *testing.T) {
	w := newWorld(t, func(c *Config, _ *Parts) { c.JWT.Expiry = 3 * time.Minute })
	g := w.login(t, "ann")
	for range 3*60 - 1 {
		w.clock.add(time.Second)
		for _, credential := range []string{g.Token, g.SessionID} {
			p := w.in(t, credential)
			got, err := w.verifier.Verify(p.Hop)
			check(t, err)
			is(t, "user", got.User+got.Tenant+got.Session, "anndemo"+p.Identity.Session)
			if left := got.Expires.Sub(w.clock.Now()); left < min(20*time.Second, p.Identity.Expires.Sub(w.clock.Now())) {
				t.Fatalf("%s left on the signed identity", left)
			}
		}
	}
}

func TestNewRightsHoldAtOnce(t *testing.T) {
	w := newWorld(t)
	g := w.login(t, "ann")
	for _, credential := range []string{g.Token, g.SessionID} {
		is(t, "before", w.in(t, credential).Identity.Has("schema.write"), false)
	}
	w.Rights.Replace(identity.Role{Name: "viewer", Permissions: []string{"schema.write"}})
	for _, credential := range []string{g.Token, g.SessionID} {
		p := w.in(t, credential)
		is(t, "after", p.Identity.Has("schema.write"), true)
		is(t, "no longer", p.Identity.Has("metrics.query"), false)
		got, err := w.verifier.Verify(p.Hop)
		check(t, err)
		is(t, "signed", got.Has("schema.write"), true)
		is(t, "expires", p.Identity.Expires.IsZero(), false)
		is(t, "full name", p.FullName, "Ann")
	}
}

func TestRevokedUserIsOut(t *testing.T) {
	w := newWorld(t)
	g := w.login(t, "ann")
	w.in(t, g.Token)
	w.in(t, g.SessionID)
	w.revoked.mu.Lock()
	w.revoked.users["demo/ann"] = w.clock.Now().Add(time.Second)
	w.revoked.mu.Unlock()
	w.out(t, g.Token, fault.CodeTokenInvalid)
	w.out(t, g.SessionID, fault.CodeTokenInvalid)
	w.clock.add(2 * time.Second)
	w.in(t, w.login(t, "ann").Token)
}

func TestMemoryOfTokensIsBounded(t *testing.T) {
	w := newWorld(t)
	w.memory.limit = 16
	for i := range 100 {
		c := claims("demo", "viewer")
		c.Subject += strconv.Itoa(i)
		is(t, "user", w.in(t, w.issue(t, c)).Identity.User, c.Subject)
		if n := len(w.memory.byKey); n > 16 {
			t.Fatalf("%d credentials are remembered", n)
		}
	}
}

func TestMemoryDropsTheExpiredFirst(t *testing.T) {
	w := newWorld(t)
	w.memory.limit = 16
	for range 15 {
		w.clock.add(time.Second)
		w.in(t, w.issue(t, claims("demo", "viewer")))
	}
	w.clock.add(15 * time.Minute)
	fresh := w.issue(t, claims("demo", "viewer"))
	w.in(t, fresh)
	w.clock.add(time.Second)
	w.in(t, w.issue(t, claims("demo", "viewer")))
	is(t, "remembered", len(w.memory.byKey), 2)
}

func TestAuthenticationOff(t *testing.T) {
	off := func(tenant string) option {
		return func(c *Config, _ *Parts) { c.Enabled, c.Anonymous.Tenant = false, tenant }
	}
	w := newWorld(t, off("demo"))
	for _, credential := range []string{"", "nonsense", "Bearer x"} {
		p := w.in(t, credential)
		is(t, "kind", p.Kind, Anonymous)
		is(t, "tenant", p.Identity.Tenant, "demo")
		is(t, "admin", p.Identity.Has("anything"), true)
		is(t, "profile", p.Me().ExpiresAt == nil, true)
	}
	check(t, w.Logout(t.Context(), w.in(t, "")))
	first := w.in(t, "").Hop
	for range 25 * 6 {
		w.clock.add(10 * time.Minute)
		_, err := w.verifier.Verify(w.in(t, "").Hop)
		check(t, err)
	}
	is(t, "signed anew", w.in(t, "").Hop == first, false)
	newWorld(t, off("unlisted")).out(t, "", fault.CodeTenantRequired)
}

func BenchmarkRememberedToken(b *testing.B) {
	w := newWorld(b)
	token := w.login(b, "ann").Token
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Authenticate(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
