package identity

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

const (
	// MinSecret is the least length of an HMAC secret in bytes.
	MinSecret = 32
	// DevelopmentSecret is the default outside production; production refuses it.
	DevelopmentSecret = "development-secret-key-not-for-production"
	tokenType         = "access"
	tokenLeeway       = 30 * time.Second
)

// TokenConfig says how user access tokens are signed and checked.
type TokenConfig struct {
	// Secret of HMAC-SHA256, at least MinSecret bytes.
	Secret string
	// Issuer and Audience are required in every token.
	Issuer, Audience string
	// Lifetime of an issued token.
	Lifetime time.Duration
}

// Claims of a user access token. They say who the user is; what the user may
// do follows from the roles when the token is used.
type Claims struct {
	// Tenant name; required.
	Tenant string `json:"tenant"`
	// Roles granted.
	Roles []string `json:"roles,omitempty"`
	// Session is the hash of the session that issued the token, if any.
	Session string `json:"sid,omitempty"`
	// Type is always "access".
	Type string `json:"typ"`
	// Email and Name are shown to the user, never decided upon.
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
	jwt.RegisteredClaims
}

// Tokens issues and verifies user access tokens (JWT, RFC 7519, by the rules
// of RFC 8725: one algorithm, every claim required).
type Tokens struct {
	cfg    TokenConfig
	now    func() time.Time
	parser *jwt.Parser
}

// NewTokens returns an error when the secret is too short.
func NewTokens(cfg TokenConfig, now func() time.Time) (*Tokens, error) {
	if len(cfg.Secret) < MinSecret {
		return nil, fmt.Errorf("auth.jwt.secret has %d bytes, want at least %d", len(cfg.Secret), MinSecret)
	}
	if cfg.Issuer == "" || cfg.Audience == "" || cfg.Lifetime <= 0 {
		return nil, errors.New("auth.jwt needs issuer, audience and a positive lifetime")
	}
	return &Tokens{cfg: cfg, now: now, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithIssuer(cfg.Issuer), jwt.WithAudience(cfg.Audience),
		jwt.WithLeeway(tokenLeeway), jwt.WithTimeFunc(now))}, nil
}

// Issue signs a token for the claims; issuer, audience, type and times are set
// here. Subject and Tenant must be given.
func (t *Tokens) Issue(c Claims) (token string, expires time.Time, err error) {
	if c.Subject == "" || c.Tenant == "" {
		return "", time.Time{}, errors.New("issue token: subject and tenant are required")
	}
	now := t.now()
	expires = now.Add(t.cfg.Lifetime)
	c.Type, c.Issuer, c.Audience = tokenType, t.cfg.Issuer, jwt.ClaimStrings{t.cfg.Audience}
	c.IssuedAt, c.ExpiresAt = jwt.NewNumericDate(now), jwt.NewNumericDate(expires)
	token, err = jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(t.cfg.Secret))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign token: %w", err)
	}
	return token, expires, nil
}

// Verify returns the claims of a valid token, or an authentication fault.
func (t *Tokens) Verify(token string) (*Claims, error) {
	var c Claims
	parsed, err := t.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(t.cfg.Secret), nil })
	if err == nil {
		err = c.complete(parsed.Header)
	}
	if err != nil {
		return nil, fault.New(fault.CodeTokenInvalid, "Invalid authentication token").Wrap(err)
	}
	return &c, nil
}

// complete refuses tokens that lack a claim and headers that would choose the
// key or change the rules of verification (RFC 8725 3.10, RFC 7515 4.1.11).
func (c *Claims) complete(header map[string]any) error {
	for _, name := range []string{"crit", "jku", "jwk", "x5u", "x5c", "kid"} {
		if _, ok := header[name]; ok {
			return fmt.Errorf("header %q is refused", name)
		}
	}
	switch {
	case c.Subject == "":
		return errors.New("no sub")
	case c.Tenant == "":
		return errors.New("no tenant")
	case c.Type != tokenType:
		return fmt.Errorf("type %q", c.Type)
	case c.IssuedAt == nil:
		return errors.New("no iat")
	}
	return nil
}
