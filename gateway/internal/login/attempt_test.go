package login

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestLoginGrantsTokenAndSession(t *testing.T) {
	w := newWorld(t)
	g := w.login(t, "ann")
	is(t, "expires", g.ExpiresAt, w.clock.Now().Add(15*time.Minute).UTC())
	is(t, "session id has the form", WellFormed(g.SessionID), true)
	for kind, credential := range map[Kind]string{Token: g.Token, Session: g.SessionID} {
		p := w.in(t, credential)
		is(t, "kind", p.Kind, kind)
		is(t, "user", p.Identity.User, "ann")
		is(t, "tenant", p.Identity.Tenant, "demo")
		is(t, "account", p.Identity.Account, 1)
		is(t, "may query", p.Identity.Has("metrics.query"), true)
		is(t, "may write", p.Identity.Has("schema.write"), false)
		is(t, "e-mail", p.Me().Email, "ann@example.com")
	}
	is(t, "both name one session", w.in(t, g.Token).Identity.Session, w.in(t, g.SessionID).Identity.Session)
	is(t, "project", w.in(t, w.login(t, "bob").Token).Identity.Project, 7)
}

func TestGrantInJSON(t *testing.T) {
	g := newWorld(t).login(t, "ann")
	b, err := json.Marshal(g)
	check(t, err)
	var got map[string]any
	check(t, json.Unmarshal(b, &got))
	user, _ := got["user"].(map[string]any)
	is(t, "token", got["token"] == g.Token, true)
	is(t, "session_id", got["session_id"] == g.SessionID, true)
	is(t, "expires_at", got["expires_at"], any("2027-01-15T08:15:00Z"))
	is(t, "user_id", user["user_id"], any("ann"))
	is(t, "tenant_id", user["tenant_id"], any("demo"))
	is(t, "members", len(got), 4)
	c, ok := g.Cookie()
	is(t, "cookie", ok && c.Value == g.SessionID && c.Secure && c.MaxAge == 24*time.Hour, true)
}

// TestWrongNameAndWrongPasswordLookAlike compares answers, and counts the
// hashes that were computed: time follows from them.
func TestWrongNameAndWrongPasswordLookAlike(t *testing.T) {
	var faults []*fault.Error
	for _, a := range []Attempt{
		{User: "ann", Password: "wrong"}, {User: "nobody", Password: "wrong"}, {User: "nobody", Password: password},
		{User: "\x00\n", Password: "wrong"}, {User: strings.Repeat("x", 5000), Password: "wrong"},
	} {
		w := newWorld(t)
		_, err := w.Login(t.Context(), a)
		f := fault.From(err)
		faults = append(faults, f)
		is(t, "hashes for "+a.User, w.passwords.checks.Load(), 1)
		is(t, "code", f.Code, fault.CodeLoginFailed)
		is(t, "same answer", f.Message == faults[0].Message && f.Detail == faults[0].Detail && f.RetryAfter == faults[0].RetryAfter, true)
	}
}

func TestDecoyCostsWhatUsersCost(t *testing.T) {
	w := newWorld(t)
	is(t, "decoy", w.passwords.decoy.cost, w.passwords.hashes["ann"].cost)
	none, err := newPasswords(nil, 1, strings.NewReader(strings.Repeat("r", 100)))
	check(t, err)
	is(t, "decoy without users", none.decoy.cost, usual())
}

func TestIncompleteLoginCostsNoHash(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		attempt  Attempt
		pointers string
	}{
		"nothing":       {Attempt{}, "/username /password"},
		"no password":   {Attempt{User: "ann"}, "/password"},
		"no name":       {Attempt{Password: "x"}, "/username"},
		"long password": {Attempt{User: "ann", Password: strings.Repeat("x", 1025)}, "/password"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Login(t.Context(), tt.attempt)
			hasCode(t, err, fault.CodeInvalidRequest)
			var pointers []string
			for _, f := range fault.From(err).Fields {
				pointers = append(pointers, f.Pointer)
			}
			is(t, "fields", strings.Join(pointers, " "), tt.pointers)
		})
	}
	is(t, "hashes", w.passwords.checks.Load(), 0)
}

func TestLogNeverHoldsSecrets(t *testing.T) {
	w := newWorld(t)
	g := w.login(t, "ann")
	_, err := w.Login(t.Context(), Attempt{User: "my password by mistake", Password: "guess-guess"})
	hasCode(t, err, fault.CodeLoginFailed)
	check(t, w.Logout(t.Context(), w.in(t, g.SessionID)))
	for _, secret := range []string{password, g.Token, g.SessionID, "my password by mistake", "guess-guess"} {
		is(t, "log holds "+secret, strings.Contains(w.log.String(), secret), false)
	}
	for _, event := range []string{"login accepted", "login refused", "logout"} {
		is(t, "log holds "+event, strings.Contains(w.log.String(), event), true)
	}
}

func TestHashNeedsASlot(t *testing.T) {
	w := newWorld(t)
	for range cap(w.passwords.slots) {
		w.passwords.slots <- struct{}{}
	}
	ctx, cancel := ended()
	defer cancel()
	_, err := w.passwords.check(ctx, "ann", password)
	hasCode(t, err, fault.CodeUnavailable)
	is(t, "hashes", w.passwords.checks.Load(), 0)
}

func TestBrokenRandomnessIsNoSession(t *testing.T) {
	w := newWorld(t)
	w.sessions.random = failing{}
	g := w.login(t, "ann")
	is(t, "session id", g.SessionID, "")
	w.in(t, g.Token)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("no randomness") }
