package login

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestRefreshRenewsIDAndToken(t *testing.T) {
	w := newWorld(t)
	old := w.login(t, "ann")
	w.in(t, old.SessionID)
	w.clock.add(10 * time.Minute)
	next, err := w.Refresh(t.Context(), old.SessionID)
	check(t, err)
	is(t, "same id", next.SessionID == old.SessionID, false)
	is(t, "expires", next.ExpiresAt, w.clock.Now().Add(15*time.Minute).UTC())
	w.out(t, old.SessionID, fault.CodeTokenInvalid)
	is(t, "one session", w.in(t, next.SessionID).Identity.Session, w.in(t, old.Token).Identity.Session)
	w.in(t, next.Token)
	_, err = w.Refresh(t.Context(), next.Token)
	hasCode(t, err, fault.CodeTokenInvalid)
	n, err := w.ActiveSessions(t.Context(), "demo")
	check(t, err)
	is(t, "active", n, 1)
}

// TestSpentIDEndsTheSession covers who shows an id that was renewed: its owner
// by requests still under way, or a thief.
func TestSpentIDEndsTheSession(t *testing.T) {
	tests := []struct {
		name  string
		after time.Duration
		use   func(w *world, id string) error
		ends  bool
	}{
		{"request under way", 10 * time.Second, func(w *world, id string) error { _, err := w.Authenticate(context.Background(), id); return err }, false},
		{"request later", 11 * time.Second, func(w *world, id string) error { _, err := w.Authenticate(context.Background(), id); return err }, true},
		{"refresh at once", 0, func(w *world, id string) error { _, err := w.Refresh(context.Background(), id); return err }, true},
		{"refresh later", 2 * time.Hour, func(w *world, id string) error { _, err := w.Refresh(context.Background(), id); return err }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, func(c *Config, _ *Parts) { c.JWT.Expiry = 24 * time.Hour })
			old := w.login(t, "ann")
			first, err := w.Refresh(t.Context(), old.SessionID)
			check(t, err)
			next, err := w.Refresh(t.Context(), first.SessionID)
			check(t, err)
			w.clock.add(tt.after)
			hasCode(t, tt.use(w, old.SessionID), fault.CodeTokenInvalid)
			for _, credential := range []string{next.SessionID, next.Token, old.Token} {
				_, err := w.Authenticate(t.Context(), credential)
				is(t, "ended", err != nil, tt.ends)
			}
		})
	}
}

func TestOneOfManyRefreshesWins(t *testing.T) {
	w := newWorld(t)
	id := w.login(t, "ann").SessionID
	var won atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := w.Refresh(context.Background(), id); err == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	is(t, "winners", won.Load(), 1)
}

func TestLogoutEndsOneSessionWithItsTokens(t *testing.T) {
	for _, by := range []Kind{Session, Token} {
		t.Run(string(by), func(t *testing.T) {
			w := newWorld(t)
			mine, elsewhere := w.login(t, "ann"), w.login(t, "ann")
			credential := mine.SessionID
			if by == Token {
				credential = mine.Token
			}
			w.in(t, mine.Token)
			check(t, w.Logout(t.Context(), w.in(t, credential)))
			w.out(t, mine.Token, fault.CodeTokenInvalid)
			w.out(t, mine.SessionID, fault.CodeTokenInvalid)
			_, err := w.Refresh(t.Context(), mine.SessionID)
			hasCode(t, err, fault.CodeTokenInvalid)
			w.in(t, elsewhere.Token)
			w.in(t, elsewhere.SessionID)
			_, found, err := w.Store.Get(t.Context(), sessionKey(mine.SessionID))
			check(t, err)
			is(t, "still stored", found, false)
		})
	}
}

func TestLogoutThatCannotBeAnnouncedSaysSo(t *testing.T) {
	w := newWorld(t)
	g := w.login(t, "ann")
	p := w.in(t, g.SessionID)
	w.revoked.err = context.DeadlineExceeded
	hasCode(t, w.Logout(t.Context(), p), fault.CodeUnavailable)
	w.out(t, g.SessionID, fault.CodeTokenInvalid)
}
