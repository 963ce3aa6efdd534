package limit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock stands still until it is moved. It begins 17.5 s before a full minute.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_800_000_000-18, 500e6)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// counter watches what is asked of the shared counter, and can be away.
type counter struct {
	Counter
	mu    sync.Mutex
	away  bool
	wants []int64
	keys  []string
}

func (c *counter) Take(ctx context.Context, key string, want, limit int64, ttl time.Duration) (cache.Taken, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wants, c.keys = append(c.wants, want), append(c.keys, key)
	if c.away {
		return cache.Taken{}, cache.ErrAway
	}
	return c.Counter.Take(ctx, key, want, limit, ttl)
}

type bench struct {
	*Limiter
	clock   *clock
	counter *counter
	log     *bytes.Buffer
}

func newBench(t *testing.T, cfg Config) bench {
	t.Helper()
	tenants, err := account.NewTenants([]account.TenantConfig{
		{Name: "acme", ID: "1"}, {Name: "demo", ID: "2", RequestsPerMinute: 60_000},
		{Name: "shared", ID: "3", RequestsPerMinute: 10, UserRequestsPerMinute: 6}})
	if err != nil {
		t.Fatal(err)
	}
	b := bench{clock: newClock(), log: &bytes.Buffer{}}
	b.counter = &counter{Counter: cache.NewMemory(b.clock.Now)}
	b.Limiter = New(cfg, b.counter, tenants, slog.New(slog.NewTextHandler(b.log, nil)), prometheus.NewRegistry(), b.clock.Now)
	return b
}

func user(tenant, name string) *identity.Identity {
	return &identity.Identity{Tenant: tenant, User: name}
}

// passes counts how many of n requests pass.
func passes(n int, ask func() Decision) (passed int) {
	for range n {
		if !ask().Refused {
			passed++
		}
	}
	return passed
}

func headers(d Decision) map[string]string {
	h := map[string]string{}
	d.Headers(func(name, value string) { h[name] = value })
	return h
}

func is[V comparable](t *testing.T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestExactlyTheLimitPassesInEachWindow(t *testing.T) {
	for _, limit := range []int{1, 3, 19, 20, 1000} {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			b := newBench(t, Config{RequestsPerMinute: limit, AddressRequestsPerMinute: limit, Replicas: 1})
			for range 3 {
				tenant := func() Decision { return b.Identity(t.Context(), user("acme", "ann"), 1) }
				address := func() Decision { return b.Address(t.Context(), "192.0.2.1") }
				is(t, "tenant passes", passes(limit+50, tenant), limit)
				is(t, "address passes", passes(limit+50, address), limit)
				b.clock.add(Window)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	b := newBench(t, Config{RequestsPerMinute: 3, AddressRequestsPerMinute: 1, Replicas: 1})
	ask := func() map[string]string { return headers(b.Identity(t.Context(), user("acme", "ann"), 2)) }
	first, second := ask(), ask()
	for name, want := range map[string]string{
		"X-Rate-Limit-Limit": "3", "X-Rate-Limit-Remaining": "1", "X-Rate-Limit-Reset": "1800000000",
		"RateLimit-Policy": `"tenant";q=3;w=60`, "RateLimit": `"tenant";r=1;t=18`, "Retry-After": "",
	} {
		is(t, name, first[name], want)
	}
	is(t, "Retry-After of a refusal", second["Retry-After"], "18")
	is(t, "remaining of a refusal", second["RateLimit"], `"tenant";r=1;t=18`)
}

func TestRefusalIsTheContractsFault(t *testing.T) {
	b := newBench(t, Config{RequestsPerMinute: 1, AddressRequestsPerMinute: 1, Replicas: 1})
	if err := b.Address(t.Context(), "192.0.2.1").Err(); err != nil {
		t.Errorf("first request: %v", err)
	}
	f := fault.From(b.Address(t.Context(), "192.0.2.1").Err())
	is(t, "code", f.Code, fault.CodeRateLimited)
	is(t, "message", f.Message, "Rate limit exceeded")
	is(t, "retry after", f.RetryAfter, 18*time.Second)
	is(t, "status", f.Kind().HTTPStatus(), 429)
}

func TestBudgetsAreApart(t *testing.T) {
	b := newBench(t, Config{RequestsPerMinute: 2, AddressRequestsPerMinute: 2, Replicas: 1})
	ask := func(tenant string) func() Decision {
		return func() Decision { return b.Identity(t.Context(), user(tenant, "ann"), 1) }
	}
	is(t, "acme", passes(5, ask("acme")), 2)
	is(t, "a tenant with its own limit", passes(100, ask("demo")), 100)
	is(t, "a tenant nobody listed", passes(5, ask("nobody")), 2)
	is(t, "one address", passes(5, func() Decision { return b.Address(t.Context(), "192.0.2.1") }), 2)
	is(t, "another address", passes(5, func() Decision { return b.Address(t.Context(), "192.0.2.2") }), 2)
}

func TestUserAndTenantBudget(t *testing.T) {
	b := newBench(t, Config{RequestsPerMinute: 1, AddressRequestsPerMinute: 1, Replicas: 1})
	ask := func(name string) func() Decision {
		return func() Decision { return b.Identity(t.Context(), user("shared", name), 1) }
	}
	is(t, "ann, held by her own budget", passes(9, ask("ann")), 6)
	h := headers(b.Identity(t.Context(), user("shared", "ann"), 1))
	is(t, "policy", h["RateLimit-Policy"], `"user";q=6;w=60`)
	d := ask("bob")()
	is(t, "both budgets, the tightest first", headers(d)["RateLimit"], `"tenant";r=3;t=18, "user";r=5;t=18`)
	is(t, "bob, held by the tenant's budget", passes(9, ask("bob")), 3)
	is(t, "bob's units came back", b.Identity(t.Context(), user("shared", "bob"), 1).Budgets[0].Name, "tenant")
}

func TestCost(t *testing.T) {
	b := newBench(t, Config{RequestsPerMinute: 10, AddressRequestsPerMinute: 1, Replicas: 1})
	ask := func(cost uint32) Decision { return b.Identity(t.Context(), user("acme", "ann"), cost) }
	is(t, "exempt", len(ask(0).Budgets), 0)
	is(t, "more than the limit", ask(11).Refused, true)
	is(t, "eight", ask(8).Refused, false)
	is(t, "three more", ask(3).Refused, true)
	is(t, "two more", ask(2).Refused, false)
	is(t, "one more", ask(1).Refused, true)
}

func TestLeaseIsSmallAndRoundTripsAreFew(t *testing.T) {
	b := newBench(t, Defaults())
	is(t, "passed", passes(50_000, func() Decision { return b.Identity(t.Context(), user("demo", "ann"), 1) }), 50_000)
	for _, want := range b.counter.wants {
		if want > 60_000/20 {
			t.Errorf("a lease of %d units is more than 5 %% of 60000", want)
		}
	}
	if n := len(b.counter.wants); n > 30 {
		t.Errorf("%d round trips for 50000 requests", n)
	}
	is(t, "key", b.counter.keys[0], "rate_limit:demo:29999999")
}

func TestWithoutCounterEachGatewayHoldsItsShare(t *testing.T) {
	b := newBench(t, Config{RequestsPerMinute: 90, AddressRequestsPerMinute: 90, Replicas: 3})
	ask := func() Decision { return b.Identity(t.Context(), user("acme", "ann"), 1) }
	b.counter.away = true
	is(t, "passes alone", passes(100, ask), 30)
	is(t, "refusal says how long", ask().Err() != nil && headers(ask())["Retry-After"] == "18", true)
	b.clock.add(Window)
	is(t, "passes alone in the next window", passes(100, ask), 30)
	is(t, "warnings", strings.Count(b.log.String(), "rate limits hold locally"), 1)
	is(t, "counted", testutil.ToFloat64(b.metrics.decisions[kindTenant][local][0]), 60)
	b.counter.away = false
	b.clock.add(Window)
	is(t, "passes when it is back", passes(200, ask), 90)
	is(t, "notices of the return", strings.Count(b.log.String(), "shared again"), 1)
}

func TestCounterLostWithinTheWindow(t *testing.T) {
	b := newBench(t, Config{RequestsPerMinute: 100, AddressRequestsPerMinute: 1, Replicas: 1})
	ask := func() Decision { return b.Identity(t.Context(), user("acme", "ann"), 1) }
	is(t, "before", passes(80, ask), 80)
	b.counter.Counter = cache.NewMemory(b.clock.Now)
	is(t, "after", passes(80, ask), 20)
}

func TestMemoryIsBounded(t *testing.T) {
	b := newBench(t, Defaults())
	b.leases.limit = 100
	for i := range 1000 {
		b.Address(t.Context(), "192.0.2."+strconv.Itoa(i))
	}
	is(t, "budgets", len(b.leases.byID), 100)
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
		"nonsense": "nonsense",
	} {
		is(t, address, network(address), want)
	}
}

func TestUpdate(t *testing.T) {
	b := newBench(t, Config{RequestsPerMinute: 5, AddressRequestsPerMinute: 1, Replicas: 1})
	ask := func() Decision { return b.Identity(t.Context(), user("acme", "ann"), 1) }
	is(t, "before", passes(9, ask), 5)
	b.Update(Config{RequestsPerMinute: 8, AddressRequestsPerMinute: 1, Replicas: 1})
	is(t, "after", passes(9, ask), 3)
}

func TestConfigNamesEveryFault(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	err := Config{UserRequestsPerMinute: -1}.Validate()
	for _, word := range []string{"requests_per_minute: must be at least", "user_requests", "address_requests", "replicas"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not speak of %s", err, word)
		}
	}
}

func TestFaultyCounterIsNoRefusal(t *testing.T) {
	b := newBench(t, Defaults())
	b.counter.Counter = broken{}
	is(t, "refused", b.Address(t.Context(), "192.0.2.1").Refused, false)
}

type broken struct{}

func (broken) Take(context.Context, string, int64, int64, time.Duration) (cache.Taken, error) {
	return cache.Taken{}, errors.New("broken")
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
