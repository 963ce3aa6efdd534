// Package upload stores CSV files of definitions: it counts them, has them
// checked whole, and stores what is good.
package upload

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
)

const (
	// afterwards is how long a count outlives its day, since the clocks of
	// replicas and of Valkey differ.
	afterwards = time.Hour
	// giveBackFor bounds the return of an upload whose caller may be gone.
	giveBackFor = 2 * time.Second
)

// Quota counts the uploads of a kind, a tenant and a day of UTC. All replicas
// share the counts in Valkey; while that is away each counts for itself, from
// nothing.
type Quota struct {
	shared, local cache.Store
	perDay        int64
	now           func() time.Time
}

// NewQuota returns a quota of perDay uploads. now is the clock, time.Now in
// production.
func NewQuota(shared cache.Store, perDay int, now func() time.Time) *Quota {
	return &Quota{shared: shared, local: cache.NewMemory(now), perDay: int64(perDay), now: now}
}

// PerDay is the quota.
func (q *Quota) PerDay() int { return int(q.perDay) }

// Resets is when the counts begin anew.
func (q *Quota) Resets() time.Time {
	return q.now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
}

// Reserve counts an upload before anything is done for it, so that uploads side
// by side cannot exceed the quota together. giveBack undoes it once.
func (q *Quota) Reserve(ctx context.Context, kind bulk.Kind, tenant string) (giveBack func(), err error) {
	key := q.key(kind, tenant)
	store, taken := q.take(ctx, key, 1)
	if taken.Granted == 0 {
		return nil, q.exceeded()
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackFor)
		defer cancel()
		// What cannot be given back now ends with the day.
		_, _ = store.Take(ctx, key, -1, q.perDay, afterwards)
	}, nil
}

// Left tells how many uploads remain today.
func (q *Quota) Left(ctx context.Context, kind bulk.Kind, tenant string) int {
	_, taken := q.take(ctx, q.key(kind, tenant), 0)
	return int(max(0, q.perDay-taken.Used))
}

// take asks the shared store, and the local one when that cannot be asked.
func (q *Quota) take(ctx context.Context, key string, want int64) (cache.Store, cache.Taken) {
	ttl := q.Resets().Sub(q.now()) + afterwards
	taken, err := q.shared.Take(ctx, key, want, q.perDay, ttl)
	if err == nil {
		return q.shared, taken
	}
	taken, _ = q.local.Take(ctx, key, want, q.perDay, ttl) // memory is never away
	return q.local, taken
}

func (q *Quota) key(kind bulk.Kind, tenant string) string {
	return cache.Key("bulk_upload", string(kind), tenant, q.now().UTC().Format(time.DateOnly))
}

func (q *Quota) exceeded() error {
	resets := q.Resets()
	return fault.New(fault.CodeRateLimited, "bulk upload quota exceeded").
		WithDetail("a tenant may upload %d files of a kind on one day of UTC", q.perDay).
		WithRetryAfter(resets.Sub(q.now())).WithExtra("reset", resets.Format(time.RFC3339))
}
