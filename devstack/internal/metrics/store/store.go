// Package store keeps the samples of every tenant in a Prometheus TSDB of its
// own, so that one tenant's query can never touch another's data.
package store

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrTooManyTenants is returned when a write would create one tenant too many.
var ErrTooManyTenants = errors.New("too many tenants")

// Tenant is the AccountID:ProjectID pair of a VictoriaMetrics tenant.
type Tenant struct{ Account, Project uint32 }

// String prints the tenant as "account:project".
func (t Tenant) String() string { return fmt.Sprintf("%d:%d", t.Account, t.Project) }

// Options configures a Store; every field must be set, Dir may be empty for a
// folder that Close removes.
type Options struct {
	Dir        string
	Log        *slog.Logger
	Retention  time.Duration
	MaxTenants int
}

// Store is the set of tenant databases. It is safe for concurrent use.
type Store struct {
	opts      Options
	temporary bool

	mu  sync.RWMutex
	dbs map[Tenant]*DB
}

// Open opens the databases that already stand below o.Dir.
func Open(o Options) (*Store, error) {
	s := &Store{opts: o, dbs: map[Tenant]*DB{}}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if err := s.reopen(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) prepare() (err error) {
	if s.opts.Dir == "" {
		s.temporary = true
		s.opts.Dir, err = os.MkdirTemp("", "metrics-*")
		return err
	}
	return os.MkdirAll(s.opts.Dir, 0o750)
}

func (s *Store) reopen() error {
	entries, err := os.ReadDir(s.opts.Dir)
	if err != nil {
		return fmt.Errorf("list tenants: %w", err)
	}
	for _, e := range entries {
		t, ok := parseFolder(e.Name())
		if !ok || !e.IsDir() {
			continue
		}
		if _, err := s.Create(t); err != nil {
			return err
		}
	}
	return nil
}

// Get returns the database of a tenant, or nil when nothing was written to it.
func (s *Store) Get(t Tenant) *DB {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.dbs[t]
}

// Create returns the database of a tenant and makes it when it is new. The
// error wraps ErrTooManyTenants at the limit.
func (s *Store) Create(t Tenant) (*DB, error) {
	if db := s.Get(t); db != nil {
		return db, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if db := s.dbs[t]; db != nil {
		return db, nil
	}
	if len(s.dbs) >= s.opts.MaxTenants {
		return nil, fmt.Errorf("create tenant %s: %w (limit %d)", t, ErrTooManyTenants, s.opts.MaxTenants)
	}
	db, err := openDB(filepath.Join(s.opts.Dir, folder(t)), s.opts)
	if err != nil {
		return nil, fmt.Errorf("open tenant %s: %w", t, err)
	}
	s.dbs[t] = db
	return db, nil
}

// Tenants lists the tenants that hold data, in order of their numbers.
func (s *Store) Tenants() []Tenant {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []Tenant
	for t := range s.dbs {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Tenant) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Project, b.Project))
	})
	return all
}

// Close closes every database and removes a temporary folder.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for t, db := range s.dbs {
		errs = append(errs, db.close())
		delete(s.dbs, t)
	}
	if s.temporary {
		errs = append(errs, os.RemoveAll(s.opts.Dir))
	}
	return errors.Join(errs...)
}

func folder(t Tenant) string { return fmt.Sprintf("%d-%d", t.Account, t.Project) }

func parseFolder(name string) (Tenant, bool) {
	account, project, ok := strings.Cut(name, "-")
	a, errA := strconv.ParseUint(account, 10, 32)
	p, errP := strconv.ParseUint(project, 10, 32)
	return Tenant{uint32(a), uint32(p)}, ok && errA == nil && errP == nil
}
