package serviceconfig

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// KeySize is how many random bytes the seed of an identity key has.
const KeySize = 32

// PublicKey returns the public half of a private identity key, both base64.
func PublicKey(private string) (string, error) {
	key, err := identity.ParsePrivateKey(private)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(key[KeySize:]), nil
}

// Tokens mints access tokens that the demo's gateway accepts.
type Tokens struct {
	tokens *identity.Tokens
}

// The issuer and audience that the gateway has by default.
const (
	issuer   = "mirador-core"
	audience = "mirador-api"
)

// NewTokens signs with the secret.
func NewTokens(secret string, now func() time.Time) (Tokens, error) {
	tokens, err := identity.NewTokens(identity.TokenConfig{Secret: secret, Issuer: issuer, Audience: audience, Lifetime: TokenMinutes * time.Minute}, now)
	if err != nil {
		return Tokens{}, fmt.Errorf("access tokens: %w", err)
	}
	return Tokens{tokens: tokens}, nil
}

// For mints a token of the user.
func (t Tokens) For(u User) (string, error) {
	claims := identity.Claims{Tenant: u.Tenant, Roles: []string{u.Role}, Name: "Demo " + u.Name}
	claims.Subject = u.Name
	token, _, err := t.tokens.Issue(claims)
	if err != nil {
		return "", fmt.Errorf("token of %s: %w", u.Name, err)
	}
	return token, nil
}
