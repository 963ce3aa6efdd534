package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

const (
	// renewBefore the end a signed identity is made anew, so that the slowest
	// request still arrives with one that holds.
	renewBefore = 20 * time.Second
	// blindAfter is how old the watch of revocations may be.
	blindAfter = 30 * time.Second
	// blindAge is how old a token may be while revocations cannot be known at
	// all; it is the usual life of a token.
	blindAge = 15 * time.Minute
)

// Authenticate tells who presents the credential: an access token or a
// session id. Nothing of the text is kept. With authentication off everybody
// is the anonymous identity. A remembered token costs well under 1 us.
func (s *Service) Authenticate(ctx context.Context, credential string) (*Principal, error) {
	switch {
	case !s.cfg.Enabled:
		return s.anonymous()
	case credential == "":
		return nil, fault.New(fault.CodeAuthRequired, "Authentication required")
	case WellFormed(credential):
		return s.bySession(ctx, credential)
	}
	return s.byToken(ctx, credential)
}

// anonymousLife only bounds how long the memory holds on to it.
const anonymousLife = 24 * time.Hour

func (s *Service) anonymous() (*Principal, error) {
	if r := s.memory.get(digest{}); r != nil && s.Now().Before(r.expires) {
		return s.current(digest{}, r)
	}
	p, err := s.principal(Anonymous, s.cfg.Anonymous.Tenant, "anonymous", s.cfg.Anonymous.Roles)
	if err != nil {
		return nil, err
	}
	return s.remember(digest{}, p, s.Now().Add(anonymousLife))
}

func (s *Service) byToken(ctx context.Context, token string) (*Principal, error) {
	key := digestOf(token)
	fresh := s.Revocations.Age() < blindAfter
	if r := s.memory.get(key); r != nil && fresh {
		return s.current(key, r)
	}
	claims, err := s.Tokens.Verify(token)
	if err != nil {
		return nil, invalid("the token is malformed, expired or not for this server", err)
	}
	p, err := s.principal(Token, claims.Tenant, claims.Subject, claims.Roles)
	if err != nil {
		return nil, err
	}
	p.Issued, p.Email, p.FullName = claims.IssuedAt.Time, claims.Email, claims.Name
	p.Identity.Session, p.Identity.Expires = claims.Session, claims.ExpiresAt.Time
	if claims.Session == "" {
		p.Identity.Session = "token-" + hex.EncodeToString(key[:handleSize])
	}
	if err := s.holds(ctx, p, fresh); err != nil {
		return nil, err
	}
	return s.remember(key, p, p.Identity.Expires)
}

// principal makes the principal of a user: the tenant must be known here, and
// rights follow from the roles by the table in force.
func (s *Service) principal(kind Kind, tenant, user string, roles []string) (*Principal, error) {
	known, ok := s.Tenants.Find(tenant)
	if !ok {
		return nil, fault.New(fault.CodeTenantRequired, "Tenant context required").
			WithDetail("the tenant of your identity is not configured on this server")
	}
	// Read before the table: rights that change meanwhile look old, not new.
	generation := s.Rights.Generation()
	permissions, scope := s.Rights.Grant(roles)
	roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	return &Principal{Kind: kind, Issued: s.Now(), generation: generation, Identity: &identity.Identity{
		Tenant: known.Name, Account: known.Ref.Account, Project: known.Ref.Project,
		User: user, Roles: roles, Permissions: permissions, Scope: scope}}, nil
}

// current gives the principal of a remembered credential, after looking at
// what can change: time, revocations and rights.
func (s *Service) current(key digest, r *remembered) (*Principal, error) {
	now, p := s.Now(), r.principal
	if !now.Before(r.expires) {
		s.memory.drop(key)
		return nil, invalid("the credential has expired", nil)
	}
	if p.Kind != Anonymous && s.Revocations.Revoked(p.Identity.Session, p.Identity.Tenant, p.Identity.User, p.Issued) {
		s.memory.drop(key)
		return nil, invalid("the credential was revoked", nil)
	}
	if now.Before(r.renew) && p.generation == s.Rights.Generation() {
		return p, nil
	}
	return s.renew(key, p, r.expires)
}

// renew builds identity and signature anew for a credential that still holds.
func (s *Service) renew(key digest, old *Principal, expires time.Time) (*Principal, error) {
	next, err := s.principal(old.Kind, old.Identity.Tenant, old.Identity.User, old.Identity.Roles)
	if err != nil {
		return nil, err
	}
	next.Issued, next.Email, next.FullName = old.Issued, old.Email, old.FullName
	next.Identity.Session, next.Identity.Expires = old.Identity.Session, old.Identity.Expires
	return s.remember(key, next, expires)
}

// remember signs the identity and keeps the principal until it expires.
func (s *Service) remember(key digest, p *Principal, expires time.Time) (*Principal, error) {
	hop, ends, err := s.Signer.Sign(p.Identity)
	if err != nil {
		return nil, err
	}
	p.Hop = hop
	s.memory.put(key, &remembered{p, expires, ends.Add(-renewBefore)}, s.Now())
	return p, nil
}

// holds tells whether a verified credential was not revoked. While the watch
// is old it asks the copy in Valkey; while that is away too, only credentials
// no older than an access token's usual life pass.
func (s *Service) holds(ctx context.Context, p *Principal, fresh bool) error {
	id := p.Identity
	if s.Revocations.Revoked(id.Session, id.Tenant, id.User, p.Issued) {
		return invalid("the credential was revoked", nil)
	}
	if fresh {
		return nil
	}
	_, found, err := s.Store.Get(ctx, revokedKey(id.Session))
	switch {
	case found:
		return invalid("the credential was revoked", nil)
	case err != nil && s.Now().Sub(p.Issued) > blindAge:
		return fault.New(fault.CodeUnavailable, "Revocations cannot be checked").
			WithDetail("only credentials younger than %s pass meanwhile", blindAge).
			WithRetryAfter(retryStore).Wrap(err)
	}
	return nil
}

// digestOf hashes a credential without moving it to the heap.
func digestOf(credential string) digest {
	var buf [2048]byte
	if n := copy(buf[:], credential); n == len(credential) {
		return sha256.Sum256(buf[:n])
	}
	return sha256.Sum256([]byte(credential))
}

func invalid(detail string, cause error) error {
	return fault.New(fault.CodeTokenInvalid, "Invalid authentication token").WithDetail("%s", detail).Wrap(cause)
}
