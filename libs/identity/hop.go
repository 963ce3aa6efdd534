package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

const (
	// HopLifetime is how long a signed identity may be used between hops.
	HopLifetime = 60 * time.Second
	hopType     = "mirador-identity+jwt"
	hopIssuer   = "mirador-gateway"
	hopAudience = "mirador-services"
	// hopLeeway covers clocks that differ between hosts.
	hopLeeway = 5 * time.Second
)

type hopClaims struct {
	Identity
	jwt.RegisteredClaims
}

// Signer mints signed identities; only the gateway holds one.
type Signer struct {
	key ed25519.PrivateKey
	now func() time.Time
}

// NewSigner returns a signer. now is the clock, time.Now in production.
func NewSigner(key ed25519.PrivateKey, now func() time.Time) *Signer {
	return &Signer{key: key, now: now}
}

// Sign returns the identity as a token and the time at which it ends. The
// token never outlives the credential behind the identity.
func (s *Signer) Sign(id *Identity) (token string, expires time.Time, err error) {
	now := s.now()
	expires = now.Add(HopLifetime)
	if !id.Expires.IsZero() && id.Expires.Before(expires) {
		expires = id.Expires
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, hopClaims{*id, jwt.RegisteredClaims{
		Issuer: hopIssuer, Subject: id.User, Audience: jwt.ClaimStrings{hopAudience},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
	}})
	t.Header["typ"] = hopType
	token, err = t.SignedString(s.key)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign identity: %w", err)
	}
	return token, expires, nil
}

// maxVerified bounds the memory of verified tokens; at 60 s lifetime it is far
// above what one process meets.
const maxVerified = 8192

// Verifier checks signed identities and remembers the verdict by the token's
// hash until it expires: an Ed25519 check costs some 60 us, a look-up 0.3 us.
type Verifier struct {
	keys   []ed25519.PublicKey
	parser *jwt.Parser
	now    func() time.Time

	mu       sync.RWMutex
	verified map[[sha256.Size]byte]verdict
}

type verdict struct {
	id      *Identity
	expires time.Time
}

// NewVerifier accepts tokens signed with any of the keys, so that keys can be
// rotated. now is the clock, time.Now in production.
func NewVerifier(keys []ed25519.PublicKey, now func() time.Time) *Verifier {
	return &Verifier{keys: keys, now: now, verified: map[[sha256.Size]byte]verdict{},
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithExpirationRequired(),
			jwt.WithIssuer(hopIssuer), jwt.WithAudience(hopAudience),
			jwt.WithLeeway(hopLeeway), jwt.WithTimeFunc(now))}
}

// Verify returns the identity in the token, or an authentication fault.
func (v *Verifier) Verify(token string) (*Identity, error) {
	sum := sha256.Sum256([]byte(token))
	v.mu.RLock()
	got, ok := v.verified[sum]
	v.mu.RUnlock()
	if ok && v.now().Before(got.expires) {
		return got.id, nil
	}
	id, err := v.parse(token)
	if err != nil {
		return nil, fault.New(fault.CodeTokenInvalid, "Invalid authentication token").Wrap(err)
	}
	v.remember(sum, verdict{id, id.Expires})
	return id, nil
}

func (v *Verifier) parse(token string) (*Identity, error) {
	last := errors.New("no verification key configured")
	for _, key := range v.keys {
		var claims hopClaims
		t, err := v.parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return key, nil })
		if err != nil {
			last = err
			continue
		}
		if t.Header["typ"] != hopType || claims.Tenant == "" {
			return nil, errors.New("not a signed identity")
		}
		id := claims.Identity
		id.Expires = claims.ExpiresAt.Time
		return &id, nil
	}
	return nil, last
}

func (v *Verifier) remember(sum [sha256.Size]byte, got verdict) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.verified) >= maxVerified {
		v.forgetExpired()
	}
	v.verified[sum] = got
}

// forgetExpired makes room; when nothing has expired the memory starts anew,
// which only costs further checks.
func (v *Verifier) forgetExpired() {
	now := v.now()
	for sum, got := range v.verified {
		if !now.Before(got.expires) {
			delete(v.verified, sum)
		}
	}
	if len(v.verified) >= maxVerified {
		clear(v.verified)
	}
}

// ParsePrivateKey reads a base64 Ed25519 seed (32 bytes) or private key (64).
func ParsePrivateKey(text string) (ed25519.PrivateKey, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil:
		return nil, errors.New("identity private key is not base64")
	case len(b) == ed25519.SeedSize:
		return ed25519.NewKeyFromSeed(b), nil
	case len(b) == ed25519.PrivateKeySize:
		return ed25519.PrivateKey(b), nil
	}
	return nil, fmt.Errorf("identity private key has %d bytes, want %d", len(b), ed25519.SeedSize)
}

// ParsePublicKey reads a base64 Ed25519 public key (32 bytes).
func ParsePublicKey(text string) (ed25519.PublicKey, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("identity public key is not base64 of %d bytes", ed25519.PublicKeySize)
	}
	return ed25519.PublicKey(b), nil
}
