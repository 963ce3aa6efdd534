package login

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// passwords checks passwords with the same work for every name, known or not.
type passwords struct {
	hashes map[string]hash
	// decoy is what an unknown user's password is compared with.
	decoy hash
	// slots bound how many hashes are computed at once: each takes megabytes.
	slots chan struct{}
	// checks counts hashes computed, for the test of equal work.
	checks atomic.Int64
}

// newPasswords parses the users' hashes. The decoy costs what the dearest of
// them costs, so give all users hashes of one cost.
func newPasswords(users []account.User, slots int, random io.Reader) (*passwords, error) {
	p := &passwords{hashes: make(map[string]hash, len(users)), slots: make(chan struct{}, max(1, slots))}
	dearest := cost{}
	for _, user := range users {
		h, err := parseHash(user.PasswordHash)
		if err != nil {
			return nil, fmt.Errorf("password hash of %q: %w", user.ID, err)
		}
		p.hashes[user.ID] = h
		if h.work() > dearest.work() {
			dearest = h.cost
		}
	}
	if dearest.work() == 0 {
		dearest = usual()
	}
	return p, p.prepare(dearest, random)
}

// prepare makes the decoy of random bytes rather than by hashing: nothing may
// match it, and a start should not cost a hash.
func (p *passwords) prepare(c cost, random io.Reader) error {
	secret := make([]byte, saltSize+keySize)
	if _, err := io.ReadFull(random, secret); err != nil {
		return fmt.Errorf("read random decoy: %w", err)
	}
	p.decoy = hash{c, secret[:saltSize], secret[saltSize:]}
	return nil
}

// check tells whether the password is the user's. It does the same work for
// every name, and fails only when there is no room to do it.
func (p *passwords) check(ctx context.Context, user, password string) (bool, error) {
	h, known := p.hashes[user]
	if !known {
		h = p.decoy
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return false, fault.New(fault.CodeUnavailable, "Login is busy").WithRetryAfter(time.Second).Wrap(ctx.Err())
	}
	defer func() { <-p.slots }()
	p.checks.Add(1)
	return h.matches(password) && known, nil
}
