package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Attempt is one try to log in.
type Attempt struct {
	// User and Password as typed.
	User, Password string
	// Address is the real address of the client, Agent its User-Agent.
	Address, Agent string
}

// Login checks the password and opens a session. A wrong name and a wrong
// password look alike in answer and work. While sessions cannot be kept the
// grant has a token only.
func (s *Service) Login(ctx context.Context, a Attempt) (*Grant, error) {
	if err := a.complete(); err != nil {
		return nil, err
	}
	if err := s.lockout.admit(ctx, a.User, a.Address); err != nil {
		s.audit("login delayed", a, "address", a.Address)
		return nil, err
	}
	good, err := s.passwords.check(ctx, a.User, a.Password)
	if err != nil {
		return nil, err
	}
	user, known := s.Users.Find(a.User)
	if !good || !known {
		s.audit("login refused", a, "address", a.Address)
		return nil, fault.New(fault.CodeLoginFailed, "Invalid username or password")
	}
	s.lockout.succeeded(ctx, a.User, a.Address)
	s.audit("login accepted", a, "tenant", user.Tenant, "address", a.Address)
	return s.open(ctx, user, a)
}

func (a Attempt) complete() error {
	f := fault.New(fault.CodeInvalidRequest, "Invalid login request")
	if a.User == "" {
		f = f.WithField("/username", "is required")
	}
	if a.Password == "" {
		f = f.WithField("/password", "is required")
	}
	if len(a.Password) > maxPassword {
		f = f.WithField("/password", "has more than %d bytes", maxPassword)
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

func (s *Service) open(ctx context.Context, user account.User, a Attempt) (*Grant, error) {
	id, r, err := s.sessions.open(ctx, user, a)
	if err != nil {
		s.Log.Warn("login without a session", "error", err)
		id = ""
	}
	return s.grant(user, id, r)
}

// grant issues an access token that is bound to the session, so that ending
// the session ends the token.
func (s *Service) grant(user account.User, id string, r record) (*Grant, error) {
	claims := identity.Claims{Tenant: user.Tenant, Roles: user.Roles, Session: r.ID, Email: user.Email, Name: user.FullName}
	claims.Subject = user.ID
	token, expires, err := s.Tokens.Issue(claims)
	if err != nil {
		return nil, err
	}
	return &Grant{Token: token, SessionID: id, ExpiresAt: expires.UTC(),
		User:   Owner{UserID: user.ID, TenantID: user.Tenant, Roles: list(user.Roles)},
		cookie: Cookie{Value: id, MaxAge: s.sessions.ttl(r), Secure: s.cfg.Session.CookieSecure}}, nil
}

// audit names the user by hash: people type passwords into the wrong field.
func (s *Service) audit(event string, a Attempt, more ...any) {
	sum := sha256.Sum256([]byte(a.User))
	s.Log.Info(event, append([]any{"audit", true, "user_hash", hex.EncodeToString(sum[:8])}, more...)...)
}
