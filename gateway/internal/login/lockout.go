package login

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// lockout slows down guessing, per account and per address. After some free
// attempts each further one must wait for a delay that doubles; exactly one
// attempt passes when the delay is over, however many come at once. Unknown
// accounts are treated like known ones. Without Valkey this gateway counts
// alone.
type lockout struct {
	cfg    LockoutConfig
	shared cache.Store
	local  cache.Store
	now    func() time.Time
}

// guard is one thing that attempts are counted for.
type guard struct {
	fails, lock string
	free        int
}

func (l *lockout) account(name string) guard {
	return guard{cache.Hashed("login_fails", "account", name), cache.Hashed("login_lock", "account", name), l.cfg.Free}
}

func (l *lockout) address(address string) guard {
	return guard{cache.Hashed("login_fails", "address", address), cache.Hashed("login_lock", "address", address), l.cfg.AddressFree}
}

// admit counts an attempt, and returns a fault where it must not be looked at.
// An attempt counts until it succeeds: counting first is what holds when many
// come at once.
func (l *lockout) admit(ctx context.Context, name, address string) error {
	guards := []guard{l.address(address), l.account(name)}
	wait, err := l.try(ctx, l.shared, guards)
	if err != nil {
		wait, err = l.try(ctx, l.local, guards)
	}
	if err != nil {
		return fault.New(fault.CodeUnavailable, "Login is busy").WithRetryAfter(time.Second).Wrap(err)
	}
	if wait > 0 {
		return fault.New(fault.CodeRateLimited, "Too many failed logins").
			WithDetail("wait before the next attempt").WithRetryAfter(wait)
	}
	return nil
}

// succeeded forgets the account's failures. Of the address only this attempt
// is forgotten: one good account must not buy endless guesses at others.
func (l *lockout) succeeded(ctx context.Context, name, address string) {
	account, origin := l.account(name), l.address(address)
	forget := func(store cache.Store) error {
		_, err := store.Take(ctx, origin.fails, -1, 0, l.cfg.Forget)
		return errors.Join(err, store.Delete(ctx, account.fails, account.lock, origin.lock))
	}
	if forget(l.shared) != nil {
		_ = forget(l.local)
	}
}

// try returns how long to wait, or zero when the attempt may go on. Only an
// attempt that no lock holds up counts.
func (l *lockout) try(ctx context.Context, store cache.Store, guards []guard) (time.Duration, error) {
	for _, g := range guards {
		if wait, err := l.locked(ctx, store, g); err != nil || wait > 0 {
			return wait, err
		}
	}
	for _, g := range guards {
		if wait, err := l.count(ctx, store, g); err != nil || wait > 0 {
			return wait, err
		}
	}
	return 0, nil
}

// count adds an attempt. Over the free ones, the attempt that sets the next
// lock is the one that passes.
func (l *lockout) count(ctx context.Context, store cache.Store, g guard) (time.Duration, error) {
	taken, err := store.Take(ctx, g.fails, 1, math.MaxInt32, l.cfg.Forget)
	over := taken.Used - int64(g.free)
	if err != nil || over <= 0 {
		return 0, err
	}
	delay := l.delay(over)
	until := strconv.FormatInt(l.now().Add(delay).UnixMilli(), 10)
	mine, err := store.Add(ctx, g.lock, []byte(until), delay)
	if err != nil || mine {
		return 0, err
	}
	return delay, nil
}

func (l *lockout) locked(ctx context.Context, store cache.Store, g guard) (time.Duration, error) {
	value, found, err := store.Get(ctx, g.lock)
	if err != nil || !found {
		return 0, err
	}
	until, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return l.cfg.Base, nil
	}
	return max(time.UnixMilli(until).Sub(l.now()), time.Millisecond), nil
}

// delay doubles with every attempt over the free ones.
func (l *lockout) delay(over int64) time.Duration {
	d := l.cfg.Base
	for i := int64(1); i < over && d < l.cfg.Max; i++ {
		d *= 2
	}
	return min(d, l.cfg.Max)
}
