package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"reflect"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func hopPair(t *testing.T, c *clock) (*Signer, *Verifier) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return NewSigner(private, c.now), NewVerifier([]ed25519.PublicKey{public}, c.now)
}

func TestHopRoundTrip(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	signer, verifier := hopPair(t, c)
	in := &Identity{Tenant: "demo", Account: 1, Project: 7, User: "ann", Session: "ab",
		Roles: []string{"viewer"}, Permissions: []string{"metrics.query"}, Scope: `env="prod"`}
	token, expires, err := signer.Sign(in)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second round is answered from memory
		out, err := verifier.Verify(token)
		if err != nil {
			t.Fatal(err)
		}
		want := *in
		want.Expires = expires
		if !out.Expires.Equal(expires) {
			t.Errorf("expires %v, want %v", out.Expires, expires)
		}
		out2 := *out
		out2.Expires = expires
		if !reflect.DeepEqual(out2, want) {
			t.Errorf("got %+v, want %+v", out2, want)
		}
	}
	c.at = expires.Add(hopLeeway + time.Second)
	if _, err := verifier.Verify(token); err == nil {
		t.Error("an expired identity was accepted")
	}
}

func TestHopNeverOutlivesItsCredential(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	signer, _ := hopPair(t, c)
	end := c.at.Add(5 * time.Second)
	_, expires, err := signer.Sign(&Identity{Tenant: "demo", Expires: end})
	if err != nil || !expires.Equal(end) {
		t.Errorf("expires %v (%v), want %v", expires, err, end)
	}
}

func TestVerifierRefuses(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	signer, verifier := hopPair(t, c)
	stranger, _ := hopPair(t, c)
	sign := func(s *Signer, id *Identity) string {
		token, _, err := s.Sign(id)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	plain, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{"ten": "demo", "iss": hopIssuer,
		"aud": hopAudience, "exp": c.at.Add(time.Minute).Unix()}).SignedString(signer.key)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, token string }{
		{"empty", ""},
		{"garbage", "a.b.c"},
		{"foreign key", sign(stranger, &Identity{Tenant: "demo"})},
		{"no tenant", sign(signer, &Identity{User: "ann"})},
		{"wrong type", plain},
		{"cut", sign(signer, &Identity{Tenant: "demo"})[:40]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if id, err := verifier.Verify(tt.token); err == nil {
				t.Errorf("accepted as %+v", id)
			}
		})
	}
}

func TestVerifierMemoryIsBounded(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	_, verifier := hopPair(t, c)
	for i := range maxVerified + 10 {
		verifier.remember([32]byte{byte(i), byte(i >> 8)}, verdict{&Identity{}, c.at.Add(time.Minute)})
	}
	if n := len(verifier.verified); n > maxVerified {
		t.Errorf("%d verdicts remembered, bound is %d", n, maxVerified)
	}
}

func TestParseKeys(t *testing.T) {
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	b64 := base64.StdEncoding.EncodeToString
	for _, text := range []string{b64(private), b64(private.Seed())} {
		key, err := ParsePrivateKey(text)
		if err != nil || !key.Equal(private) {
			t.Errorf("private key: %v", err)
		}
	}
	if key, err := ParsePublicKey(b64(public)); err != nil || !key.Equal(public) {
		t.Errorf("public key: %v", err)
	}
	for _, bad := range []string{"", "###", b64([]byte("short"))} {
		if _, err := ParsePrivateKey(bad); err == nil {
			t.Errorf("private key %q accepted", bad)
		}
		if _, err := ParsePublicKey(bad); err == nil {
			t.Errorf("public key %q accepted", bad)
		}
	}
}
