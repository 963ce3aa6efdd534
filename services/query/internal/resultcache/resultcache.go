// Package resultcache keeps encoded answers in Valkey: the second level of
// the result cache, shared by all replicas of the query service. Calls with
// the same key share one upstream call. It never decides what may be cached:
// the caller's time to live does.
package resultcache

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

// maxWrites bounds the writes to the store that are under way.
const maxWrites = 32

// Store is the part of the shared cache that this package uses.
type Store interface {
	Get(ctx context.Context, key string) (value []byte, found bool, err error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Healthy() bool
}

// Options of a Cache. Zero members mean the default.
type Options struct {
	// MaxEntry bounds one body. Default 4 MiB.
	MaxEntry int
	// TeeBudget bounds the bodies being collected at one time. Default 32 MiB.
	TeeBudget int64
	// FollowStream is how long calls wait for another call's answer once it
	// streams to its client, who may be slow. Default 2 s.
	FollowStream time.Duration
	// Observe is told of each operation ("get", "set") and result ("hit", "miss",
	// "success", "error"); nil tells nobody.
	Observe func(operation, result string, took time.Duration)
	// MaxTTL gives the longest life of a stored answer now, 0 for no limit;
	// nil means never a limit. It shortens lives, those of older answers too,
	// while definitions may be stale.
	MaxTTL func() time.Duration
	// Cheap is the time within which an answer is made that is cheaper to make
	// again than to fetch: the store is not asked for those. 0 means none is.
	Cheap time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Jitter gives numbers in [0, 1) that spread the ends of lives; nil means
	// random ones.
	Jitter func() float64
}

func (o Options) withDefaults() Options {
	if o.MaxEntry == 0 {
		o.MaxEntry = 4 << 20
	}
	if o.TeeBudget == 0 {
		o.TeeBudget = 32 << 20
	}
	if o.FollowStream == 0 {
		o.FollowStream = 2 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(string, string, time.Duration) {}
	}
	if o.MaxTTL == nil {
		o.MaxTTL = func() time.Duration { return 0 }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	return o
}

// Hit is a stored answer.
type Hit struct {
	// Body in its stored form; it must not be changed.
	Body []byte
	// TTL that is left.
	TTL time.Duration
}

// Cache is safe for concurrent use.
type Cache struct {
	store  Store
	opts   Options
	flight *cache.Flight[answer]
	budget *cache.Budget
	pool   *sync.Pool
	cheap  *cheap
	slots  chan struct{}
	writes sync.WaitGroup
	digest func(string) string
}

// New returns a cache on top of the store. While the store is away, or when it
// is nil, every call bypasses the cache.
func New(store Store, opts Options) *Cache {
	opts = opts.withDefaults()
	return &Cache{
		store:  store,
		opts:   opts,
		flight: cache.NewFlight[answer](opts.FollowStream),
		budget: cache.NewBudget(opts.TeeBudget),
		pool:   newPool(),
		cheap:  newCheap(opts.Cheap, opts.Now),
		slots:  make(chan struct{}, maxWrites),
		digest: digest,
	}
}

// Begin looks the key up. It returns a hit, or a lead: then the caller makes
// the answer, gives the lead to the relay as its Tee, and must Close it. Begin
// may wait for another call with the same key; its error is that of ctx.
func (c *Cache) Begin(ctx context.Context, key Key) (*Hit, *Lead, error) {
	if c.store == nil || !c.store.Healthy() {
		return nil, c.Bypass(), nil
	}
	name := c.cheap.name(key)
	if c.cheap.is(key.Tenant, name) {
		return nil, &Lead{cache: c, ctx: ctx, tenant: key.Tenant, name: name, cheap: true, began: c.opts.Now()}, nil
	}
	text := key.text()
	id := cache.Key("qr", key.Tenant, c.digest(text))
	shared, turn, err := c.flight.Join(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if turn == nil {
		return c.follow(shared, text)
	}
	if found, ok := c.load(ctx, id, key.Tenant, text); ok {
		turn.Share(found)
		turn.Close()
		return c.hit(found), nil, nil
	}
	return nil, &Lead{cache: c, ctx: ctx, turn: turn, id: id, tenant: key.Tenant, key: text, name: name,
		began: c.opts.Now(), body: collector{pool: c.pool}}, nil
}

// follow takes the answer that another call made, unless the digests of two
// keys are the same.
func (c *Cache) follow(shared answer, text string) (*Hit, *Lead, error) {
	if shared.key != text {
		return nil, c.Bypass(), nil
	}
	c.opts.Observe("get", "hit", 0)
	return c.hit(shared), nil, nil
}

// Bypass returns a lead that stores nothing, for calls that must not be cached.
func (c *Cache) Bypass() *Lead { return &Lead{cache: c, ended: true} }

// Close waits for the writes under way; each has the store's own deadline.
func (c *Cache) Close() { c.writes.Wait() }

func (c *Cache) hit(a answer) *Hit {
	return &Hit{Body: a.body, TTL: a.left(c.opts.Now(), c.opts.MaxTTL())}
}

// load reads the answer from the store. What does not name the same tenant and
// key inside is not the answer, wherever it was found.
func (c *Cache) load(ctx context.Context, id, tenant, text string) (answer, bool) {
	begun := c.opts.Now()
	raw, found, err := c.store.Get(ctx, id)
	a, ok := answer{}, false
	if found && err == nil {
		a, err = decode(raw, c.opts.MaxEntry)
		ok = err == nil && a.tenant == tenant && a.key == text && a.left(begun, c.opts.MaxTTL()) > 0
	}
	c.opts.Observe("get", result(ok, err), c.opts.Now().Sub(begun))
	return a, ok
}

func result(hit bool, err error) string {
	switch {
	case err != nil:
		return "error"
	case hit:
		return "hit"
	}
	return "miss"
}

// save writes the answer and then ends the turn, so that until the store has
// it, calls with the same key get it from memory.
//
// The call that made the answer may be over by then, hence its context is
// only asked for values; the store has a deadline of its own.
func (c *Cache) save(l *Lead, a answer, done func()) {
	end := func() { l.turn.Close(); done() }
	select {
	case c.slots <- struct{}{}:
	default:
		end()
		return
	}
	c.writes.Go(func() {
		defer func() { <-c.slots; end() }()
		begun := c.opts.Now()
		err := c.store.Set(context.WithoutCancel(l.ctx), l.id, a.encode(), a.ends.Sub(begun))
		if err != nil {
			c.opts.Observe("set", "error", c.opts.Now().Sub(begun))
			return
		}
		c.opts.Observe("set", "success", c.opts.Now().Sub(begun))
	})
}
