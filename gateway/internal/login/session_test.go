package login

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestSecretIDNeverReachesTheStore(t *testing.T) {
	var s *spy
	w := newWorld(t, spied(&s))
	g := w.login(t, "ann")
	w.in(t, g.SessionID)
	next, err := w.Refresh(t.Context(), g.SessionID)
	check(t, err)
	w.out(t, g.SessionID, fault.CodeTokenInvalid)
	all := strings.Join(s.seen, "\n")
	is(t, "something was stored", strings.Contains(all, "session:"), true)
	is(t, "old id in the store", strings.Contains(all, g.SessionID), false)
	is(t, "new id in the store", strings.Contains(all, next.SessionID), false)
}

func TestFormIsCheckedBeforeAKeyIsTouched(t *testing.T) {
	var s *spy
	w := newWorld(t, spied(&s))
	good := w.login(t, "ann").SessionID
	before := len(s.seen)
	for _, id := range []string{"x", good[1:], good + "0", strings.ToUpper(good), good[:63] + ":", good[:63] + "\x00", good[:30] + ":" + good[31:], "sess_" + good[:32], "*"} {
		w.out(t, id, fault.CodeTokenInvalid)
		_, err := w.Refresh(t.Context(), id)
		hasCode(t, err, fault.CodeTokenInvalid)
	}
	w.out(t, "", fault.CodeAuthRequired)
	is(t, "look-ups", len(s.seen)-before, 0)
}

func TestStoredShapeIsTheContracts(t *testing.T) {
	w := newWorld(t)
	g := w.login(t, "ann")
	value, found, err := w.Store.Get(t.Context(), sessionKey(g.SessionID))
	check(t, err)
	is(t, "found", found, true)
	var got map[string]any
	check(t, json.Unmarshal(value, &got))
	for _, member := range []string{"id", "user_id", "tenant_id", "roles", "created_at", "last_activity", "user_settings", "ip_address", "user_agent"} {
		if _, ok := got[member]; !ok {
			t.Errorf("no member %s", member)
		}
	}
	is(t, "ip_address", got["ip_address"], any("192.0.2.1"))
	settings, _ := got["user_settings"].(map[string]any)
	is(t, "full name", settings["full_name"], any("Ann"))
}

func TestValueInTheWrongPlaceIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	mine, theirs := w.login(t, "ann"), w.login(t, "bob")
	value, _, err := w.Store.Get(t.Context(), sessionKey(theirs.SessionID))
	check(t, err)
	check(t, w.Store.Set(t.Context(), sessionKey(mine.SessionID), value, time.Hour))
	w.out(t, mine.SessionID, fault.CodeTokenInvalid)
	check(t, w.Store.Set(t.Context(), sessionKey(mine.SessionID), []byte("{"), time.Hour))
	w.out(t, mine.SessionID, fault.CodeTokenInvalid)
}

func TestIdleLimitSlides(t *testing.T) {
	var s *spy
	w := newWorld(t, spied(&s))
	id := w.login(t, "ann").SessionID
	for range 5 {
		w.clock.add(23 * time.Hour)
		w.in(t, id)
	}
	is(t, "writes", s.sets, 5)
	w.clock.add(24 * time.Hour)
	w.out(t, id, fault.CodeTokenInvalid)
}

func TestActivityIsWrittenOnceAMinute(t *testing.T) {
	var s *spy
	w := newWorld(t, spied(&s))
	id := w.login(t, "ann").SessionID
	for range 180 {
		w.clock.add(time.Second)
		w.in(t, id)
	}
	is(t, "writes in three minutes", s.sets, 3)
}

func TestAbsoluteLimit(t *testing.T) {
	w := newWorld(t)
	id := w.login(t, "ann").SessionID
	for range 7*24 - 1 {
		w.clock.add(time.Hour)
		w.in(t, id)
	}
	w.clock.add(time.Hour)
	w.out(t, id, fault.CodeTokenInvalid)
}

func TestActivityDoesNotBringBackAnEndedSession(t *testing.T) {
	w := newWorld(t)
	g := w.login(t, "ann")
	r, _, err := w.sessions.find(t.Context(), g.SessionID)
	check(t, err)
	check(t, w.Logout(t.Context(), w.in(t, g.SessionID)))
	w.clock.add(2 * time.Minute)
	check(t, w.sessions.touch(t.Context(), r))
	_, found, err := w.sessions.find(t.Context(), g.SessionID)
	check(t, err)
	is(t, "found", found, false)
}

func TestUserDecidesNotTheSession(t *testing.T) {
	w := newWorld(t)
	id := w.login(t, "ann").SessionID
	again := newWorld(t, func(c *Config, p *Parts) {
		c.Users[0].Roles, p.Store = []string{"editor"}, w.Store
	})
	is(t, "new role holds", again.in(t, id).Identity.Has("schema.write"), true)
	moved := newWorld(t, func(c *Config, p *Parts) { c.Users[0].Tenant, p.Store = "other", w.Store })
	moved.out(t, id, fault.CodeTokenInvalid)
	gone := newWorld(t, func(c *Config, p *Parts) { c.Users, p.Store = c.Users[1:], w.Store })
	gone.out(t, id, fault.CodeTokenInvalid)
}

func TestEachLoginHasItsOwnID(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for range 50 {
		g := w.login(t, "ann")
		is(t, "seen before", seen[g.SessionID], false)
		seen[g.SessionID] = true
	}
	n, err := w.ActiveSessions(t.Context(), "demo")
	check(t, err)
	is(t, "active", n, 50)
	n, err = w.ActiveSessions(t.Context(), "other")
	check(t, err)
	is(t, "active elsewhere", n, 0)
}

func TestNoCookieRemovesTheCookie(t *testing.T) {
	is(t, "cookie", newWorld(t).NoCookie(), Cookie{Secure: true})
}

func TestSessionsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.login(t, "ann")
	w.login(t, "ann")
	ctx, cancel := context.WithCancel(t.Context())
	got := map[string]int{}
	check(t, w.CountSessions(ctx, func(tenant string, active int) {
		got[tenant] = active
		if len(got) == 2 {
			cancel()
		}
	}))
	is(t, "demo", got["demo"], 2)
	is(t, "other", got["other"], 0)
}
