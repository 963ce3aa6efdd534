package identity

import (
	"crypto/ed25519"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const secret = "0123456789abcdef0123456789abcdef"

func newTokens(t *testing.T, c *clock) *Tokens {
	t.Helper()
	tokens, err := NewTokens(TokenConfig{Secret: secret, Issuer: "mirador-core", Audience: "mirador-api", Lifetime: 15 * time.Minute}, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestTokenRoundTrip(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	tokens := newTokens(t, c)
	token, expires, err := tokens.Issue(Claims{Tenant: "demo", Roles: []string{"viewer"},
		RegisteredClaims: jwt.RegisteredClaims{Subject: "ann"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := tokens.Verify(token)
	if err != nil || got.Tenant != "demo" || got.Subject != "ann" || got.Roles[0] != "viewer" {
		t.Errorf("got %+v, %v", got, err)
	}
	c.at = expires.Add(tokenLeeway + time.Second)
	if _, err := tokens.Verify(token); err == nil {
		t.Error("an expired token was accepted")
	}
}

func TestIssueNeedsSubjectAndTenant(t *testing.T) {
	tokens := newTokens(t, &clock{time.Now()})
	for _, c := range []Claims{{}, {Tenant: "demo"}, {RegisteredClaims: jwt.RegisteredClaims{Subject: "ann"}}} {
		if _, _, err := tokens.Issue(c); err == nil {
			t.Errorf("issued a token for %+v", c)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	tokens := newTokens(t, c)
	good := jwt.MapClaims{"sub": "ann", "tenant": "demo", "typ": "access", "iss": "mirador-core",
		"aud": "mirador-api", "iat": c.at.Unix(), "exp": c.at.Add(time.Minute).Unix()}
	sign := func(method jwt.SigningMethod, key any, header map[string]any, change map[string]any) string {
		claims := maps.Clone(good)
		for name, v := range change {
			if claims[name] = v; v == nil {
				delete(claims, name)
			}
		}
		tok := jwt.NewWithClaims(method, claims)
		maps.Copy(tok.Header, header)
		text, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	hs := jwt.SigningMethodHS256
	_, edKey, _ := ed25519.GenerateKey(nil)
	if _, err := tokens.Verify(sign(hs, []byte(secret), nil, nil)); err != nil {
		t.Fatalf("the good token was refused: %v", err)
	}
	tests := []struct{ name, token string }{
		{"none", sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil)},
		{"other family", sign(jwt.SigningMethodEdDSA, edKey, nil, nil)},
		{"other size", sign(jwt.SigningMethodHS512, []byte(secret), nil, nil)},
		{"other secret", sign(hs, []byte(strings.Repeat("x", 32)), nil, nil)},
		{"no sub", sign(hs, []byte(secret), nil, map[string]any{"sub": nil})},
		{"no tenant", sign(hs, []byte(secret), nil, map[string]any{"tenant": nil})},
		{"no type", sign(hs, []byte(secret), nil, map[string]any{"typ": nil})},
		{"other type", sign(hs, []byte(secret), nil, map[string]any{"typ": "refresh"})},
		{"no exp", sign(hs, []byte(secret), nil, map[string]any{"exp": nil})},
		{"no iat", sign(hs, []byte(secret), nil, map[string]any{"iat": nil})},
		{"future iat", sign(hs, []byte(secret), nil, map[string]any{"iat": c.at.Add(time.Hour).Unix()})},
		{"other issuer", sign(hs, []byte(secret), nil, map[string]any{"iss": "evil"})},
		{"no audience", sign(hs, []byte(secret), nil, map[string]any{"aud": nil})},
		{"kid", sign(hs, []byte(secret), map[string]any{"kid": "../../etc/passwd"}, nil)},
		{"jku", sign(hs, []byte(secret), map[string]any{"jku": "http://evil"}, nil)},
		{"crit", sign(hs, []byte(secret), map[string]any{"crit": []string{"x"}}, nil)},
		{"empty", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tokens.Verify(tt.token); err == nil {
				t.Errorf("accepted as %+v", got)
			}
		})
	}
}

func TestShortSecret(t *testing.T) {
	if _, err := NewTokens(TokenConfig{Secret: "short", Issuer: "a", Audience: "b", Lifetime: time.Minute}, time.Now); err == nil {
		t.Error("a short secret was accepted")
	}
}
