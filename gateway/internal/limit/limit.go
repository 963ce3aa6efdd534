package limit

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Counter is the shared counting; cache.Store is one.
type Counter interface {
	Take(ctx context.Context, key string, want, limit int64, ttl time.Duration) (cache.Taken, error)
}

// Tenants tells the limits of a tenant; account.Tenants is one.
type Tenants interface {
	Find(name string) (account.Tenant, bool)
}

// Limiter decides about requests. It is safe for concurrent use.
type Limiter struct {
	cfg     atomic.Pointer[Config]
	counter Counter
	tenants Tenants
	log     *slog.Logger
	metrics *metrics
	now     func() time.Time
	leases  leases
	away    atomic.Bool
}

// New returns a limiter. now is the clock, time.Now in production; gateways
// whose clocks differ see the window end at different moments.
func New(cfg Config, counter Counter, tenants Tenants, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) *Limiter {
	l := &Limiter{counter: counter, tenants: tenants, log: log, metrics: newMetrics(reg), now: now}
	l.leases.byID, l.leases.limit = map[budgetID]*lease{}, maxLeases
	l.cfg.Store(&cfg)
	return l
}

// Update puts new limits in force; budgets under way keep what they used.
func (l *Limiter) Update(cfg Config) { l.cfg.Store(&cfg) }

// Address counts one request of a real client address, before its credential
// is looked at.
func (l *Limiter) Address(ctx context.Context, address string) Decision {
	now := l.now()
	b := budget{budgetID{kind: kindAddress, name: network(address)}, int64(l.cfg.Load().AddressRequestsPerMinute)}
	return l.decide(now, l.spend(ctx, now, b, 1))
}

// Identity counts the cost of a request against its user and its tenant. A
// request refused by one budget costs nothing in the other. A cost of 0 is
// exempt.
func (l *Limiter) Identity(ctx context.Context, id *identity.Identity, cost uint32) Decision {
	if cost == 0 {
		return Decision{}
	}
	now, units := l.now(), int64(cost)
	tenant, user := l.budgets(id)
	if user.limit == 0 || user.limit >= tenant.limit {
		return l.decide(now, l.spend(ctx, now, tenant, units))
	}
	mine := l.spend(ctx, now, user, units)
	if mine.refused {
		return l.decide(now, mine)
	}
	whole := l.spend(ctx, now, tenant, units)
	if whole.refused {
		l.leases.of(user.budgetID).giveBack(windowOf(now), units)
	}
	return l.decide(now, mine, whole)
}

// budgets gives the limits of an identity: the tenant's own, else the default.
// A user without a limit of its own has 0.
func (l *Limiter) budgets(id *identity.Identity) (tenant, user budget) {
	cfg := l.cfg.Load()
	own, _ := l.tenants.Find(id.Tenant)
	tenant = budget{budgetID{kind: kindTenant, tenant: id.Tenant}, first(own.RequestsPerMinute, cfg.RequestsPerMinute)}
	user = budget{budgetID{kindUser, id.Tenant, id.User}, first(own.UserRequestsPerMinute, cfg.UserRequestsPerMinute)}
	return tenant, user
}

func first(a, b int) int64 {
	if a > 0 {
		return int64(a)
	}
	return int64(b)
}

// decide joins what the budgets said: any refusal refuses, and the tightest
// comes first.
func (l *Limiter) decide(now time.Time, spent ...outcome) Decision {
	end := windowEnd(now)
	d := Decision{Reset: end, after: end.Sub(now), Budgets: make([]Budget, 0, len(spent))}
	for _, o := range spent {
		b := Budget{o.budget.kind.String(), o.budget.limit, o.remaining}
		d.Refused = d.Refused || o.refused
		if len(d.Budgets) > 0 && (o.refused || b.Remaining < d.Budgets[0].Remaining) {
			d.Budgets = append([]Budget{b}, d.Budgets...)
			continue
		}
		d.Budgets = append(d.Budgets, b)
	}
	return d
}
