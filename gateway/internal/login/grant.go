package login

import "time"

// CookieName is the session cookie of the contract.
const CookieName = "mirador_session"

// Grant is the answer to a login or a refresh.
type Grant struct {
	// Token is an access token.
	Token string `json:"token"`
	// SessionID is a secret; it is empty while sessions cannot be kept.
	SessionID string `json:"session_id,omitempty"`
	// User who logged in.
	User Owner `json:"user"`
	// ExpiresAt is when the token ends.
	ExpiresAt time.Time `json:"expires_at"`

	cookie Cookie
}

// Owner is the user of a grant.
type Owner struct {
	UserID   string   `json:"user_id"`
	TenantID string   `json:"tenant_id"`
	Roles    []string `json:"roles"`
}

// Cookie describes the session cookie: Path "/", HttpOnly and SameSite=Lax
// always.
type Cookie struct {
	// Value is the session id; empty removes the cookie.
	Value string
	// MaxAge is how long the browser keeps it; zero or less removes it.
	MaxAge time.Duration
	// Secure restricts it to HTTPS.
	Secure bool
}

// Cookie gives the cookie to set; ok is false when there is no session.
func (g *Grant) Cookie() (c Cookie, ok bool) { return g.cookie, g.SessionID != "" }

// NoCookie gives the cookie that removes the session cookie.
func (s *Service) NoCookie() Cookie { return Cookie{Secure: s.cfg.Session.CookieSecure} }
