package login

import (
	"context"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

// spy remembers every key and value that touched the store.
type spy struct {
	cache.Store
	mu   sync.Mutex
	seen []string
	sets int
}

func (s *spy) note(texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, texts...)
}

func (s *spy) Get(ctx context.Context, key string) ([]byte, bool, error) {
	s.note(key)
	return s.Store.Get(ctx, key)
}

func (s *spy) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	s.note(key, string(value))
	return s.Store.Set(ctx, key, value, ttl)
}

func (s *spy) Replace(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	s.note(key, string(value))
	s.sets++
	return s.Store.Replace(ctx, key, value, ttl)
}

func (s *spy) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	s.note(key, string(value))
	return s.Store.Add(ctx, key, value, ttl)
}

func (s *spy) Note(ctx context.Context, index, member string, ttl time.Duration) error {
	s.note(index, member)
	return s.Store.Note(ctx, index, member, ttl)
}

func spied(s **spy) option {
	return func(_ *Config, p *Parts) {
		*s = &spy{Store: p.Store}
		p.Store = *s
	}
}
