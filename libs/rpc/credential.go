package rpc

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

var errNoDeadline = errors.New("remote call without a deadline")

// credential is one pair of metadata that identifies a caller.
type credential struct {
	key, value string
	// explicit marks what the caller chose, not what the current call came with.
	explicit bool
}

type credentialKey struct{}

// WithIdentityToken makes the calls of a context carry this signed identity.
func WithIdentityToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, credentialKey{}, credential{KeyIdentity, token, true})
}

// Verifier checks a token and returns whom it identifies.
type Verifier interface {
	Verify(token string) (*identity.Identity, error)
}

// identify verifies the credential of an incoming call. More than one is
// refused: two parties could disagree about which one counts.
func (g *guard) identify(ctx context.Context) (*identity.Identity, credential, error) {
	signed := metadata.ValueFromIncomingContext(ctx, KeyIdentity)
	bearer := metadata.ValueFromIncomingContext(ctx, KeyAuthorization)
	switch {
	case len(signed)+len(bearer) > 1:
		return nil, credential{}, fault.New(fault.CodeCredentialsMany, "More than one credential")
	case len(signed) == 1 && g.identity != nil:
		return verify(g.identity, credential{key: KeyIdentity, value: signed[0]}, signed[0])
	case len(bearer) == 1 && g.bearer != nil:
		scheme, token, _ := strings.Cut(bearer[0], " ")
		if !strings.EqualFold(scheme, "bearer") {
			break
		}
		return verify(g.bearer, credential{key: KeyAuthorization, value: bearer[0]}, token)
	}
	return nil, credential{}, fault.New(fault.CodeAuthRequired, "Authentication required")
}

func verify(v Verifier, cred credential, token string) (*identity.Identity, credential, error) {
	id, err := v.Verify(token)
	if err != nil {
		return nil, credential{}, err
	}
	if id.Tenant == "" {
		return nil, credential{}, fault.New(fault.CodeAuthRequired, "Authentication required")
	}
	return id, cred, nil
}
