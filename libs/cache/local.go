package cache

import (
	"container/list"
	"sync"
	"time"
)

// entryOverhead is about what an entry costs beside its value and key.
const entryOverhead = 256

// LocalOptions bound a Local.
type LocalOptions struct {
	// MaxBytes of all values and keys together.
	MaxBytes int64
	// Share of MaxBytes that one owner may hold, above 0 up to 1; 0 means 1.
	Share float64
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Local keeps values in this process for a time, bounded in bytes. Each value
// has an owner, which is a tenant as a rule. When room is short, the owner
// that holds the most loses what it has not used for longest, so nobody can
// push out all others. It is safe for concurrent use.
type Local[V any] struct {
	opts   LocalOptions
	mu     sync.Mutex
	owners map[string]*localOwner
	bytes  int64
}

// Found is a value with its times.
type Found[V any] struct {
	// Value as it was stored; it is shared and must not be changed.
	Value V
	// Age since it was stored.
	Age time.Duration
	// TTL that is left.
	TTL time.Duration
}

// localOwner holds the values of one owner, the freshest in front.
type localOwner struct {
	entries map[string]*list.Element
	order   *list.List
	bytes   int64
}

type localEntry[V any] struct {
	key          string
	value        V
	size         int64
	stored, ends time.Time
}

// NewLocal returns an empty Local.
func NewLocal[V any](opts LocalOptions) *Local[V] {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Share <= 0 || opts.Share > 1 {
		opts.Share = 1
	}
	return &Local[V]{opts: opts, owners: map[string]*localOwner{}}
}

// Get returns the owner's value at key while it lives.
func (l *Local[V]) Get(ownerName, key string) (Found[V], bool) {
	now := l.opts.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.owners[ownerName]
	if o == nil || o.entries[key] == nil {
		return Found[V]{}, false
	}
	element := o.entries[key]
	e := element.Value.(*localEntry[V])
	if !e.ends.After(now) {
		l.remove(ownerName, o, element)
		return Found[V]{}, false
	}
	o.order.MoveToFront(element)
	return Found[V]{Value: e.value, Age: now.Sub(e.stored), TTL: e.ends.Sub(now)}, true
}

// Set stores a value of size bytes for the time to live, and tells whether it
// could: a value larger than an owner's share is not stored.
func (l *Local[V]) Set(ownerName, key string, value V, size int64, ttl time.Duration) bool {
	now := l.opts.Now()
	size += int64(len(key)) + entryOverhead
	share := int64(float64(l.opts.MaxBytes) * l.opts.Share)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delete(ownerName, key)
	if ttl <= 0 || size > share {
		return false
	}
	for o := l.owners[ownerName]; o != nil && o.bytes > share-size; {
		l.remove(ownerName, o, o.order.Back())
	}
	for l.bytes > l.opts.MaxBytes-size {
		name, largest := l.largest()
		l.remove(name, largest, largest.order.Back())
	}
	l.add(ownerName, &localEntry[V]{key: key, value: value, size: size, stored: now, ends: now.Add(ttl)})
	return true
}

// Delete removes the owner's value at key.
func (l *Local[V]) Delete(ownerName, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delete(ownerName, key)
}

// Bytes held now, dead values that nobody asked for included.
func (l *Local[V]) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

func (l *Local[V]) delete(ownerName, key string) {
	if o := l.owners[ownerName]; o != nil && o.entries[key] != nil {
		l.remove(ownerName, o, o.entries[key])
	}
}

func (l *Local[V]) add(ownerName string, e *localEntry[V]) {
	o := l.owners[ownerName]
	if o == nil {
		o = &localOwner{entries: map[string]*list.Element{}, order: list.New()}
		l.owners[ownerName] = o
	}
	o.entries[e.key] = o.order.PushFront(e)
	o.bytes += e.size
	l.bytes += e.size
}

func (l *Local[V]) remove(ownerName string, o *localOwner, element *list.Element) {
	e := o.order.Remove(element).(*localEntry[V])
	delete(o.entries, e.key)
	o.bytes -= e.size
	l.bytes -= e.size
	if len(o.entries) == 0 {
		delete(l.owners, ownerName)
	}
}

func (l *Local[V]) largest() (name string, found *localOwner) {
	for n, o := range l.owners {
		if found == nil || o.bytes > found.bytes {
			name, found = n, o
		}
	}
	return name, found
}
