package identity

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// FuzzVerify changes tokens: whatever is accepted must be one of the two that
// were issued.
func FuzzVerify(f *testing.F) {
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	tokens, err := NewTokens(TokenConfig{Secret: secret, Issuer: "i", Audience: "a", Lifetime: time.Hour}, now)
	if err != nil {
		f.Fatal(err)
	}
	access, _, err := tokens.Issue(Claims{Tenant: "demo", RegisteredClaims: jwt.RegisteredClaims{Subject: "ann"}})
	if err != nil {
		f.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	hop, _, err := NewSigner(key, now).Sign(&Identity{Tenant: "demo", User: "ann"})
	if err != nil {
		f.Fatal(err)
	}
	verifier := NewVerifier([]ed25519.PublicKey{key.Public().(ed25519.PublicKey)}, now)
	f.Add(access)
	f.Add(hop)
	f.Add(strings.Replace(access, ".", "..", 1))
	f.Add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := tokens.Verify(token); err == nil && !sameToken(token, access) {
			t.Errorf("access token %q was accepted", token)
		}
		if _, err := verifier.Verify(token); err == nil && !sameToken(token, hop) {
			t.Errorf("identity %q was accepted", token)
		}
	})
}

// sameToken ignores the unused low bits of the signature's last base64
// character, which do not belong to the signature.
func sameToken(a, b string) bool {
	return len(a) == len(b) && a[:len(a)-1] == b[:len(b)-1]
}
