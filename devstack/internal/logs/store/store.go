// Package store keeps rows of logs or spans in memory, tenants apart and in
// order of time. It is the ground of the embedded stand-ins: made for a few
// million rows on a laptop, gone with the process.
package store

import (
	"sync"
	"time"
)

// Tenant names whose rows they are, as the AccountID and ProjectID headers do.
type Tenant struct{ Account, Project uint32 }

// Field is one name and value of a row; values are always text.
type Field struct{ Name, Value string }

// Row is one record. Time is in unix nanoseconds. Fields hold everything but
// _time, _stream and _stream_id, the stream's labels included, in the order in
// which answers show them; a name may stand twice.
type Row struct {
	Time   int64
	Stream *Stream // nil means the stream without labels
	Fields []Field
}

// Options configures a Store; the zero value keeps seven days, shows rows at
// once and holds up to eight million rows a tenant.
type Options struct {
	// Retention is how old a row may be; 0 means seven days.
	Retention time.Duration
	// Visible delays rows between Add and Scan.
	Visible time.Duration
	// Now is the clock for retention and visibility; nil means time.Now.
	Now func() time.Time
	// MaxRows bounds the rows of one tenant, the oldest go; 0 means 8,000,000.
	MaxRows int
	// MaxTenants bounds the tenants that Add creates; 0 means 64.
	MaxTenants int
}

// future is how far ahead of now a row may be, as in VictoriaLogs.
const future = 48 * time.Hour

// Store holds the rows of all tenants; it may be used from many goroutines.
type Store struct {
	opts    Options
	mu      sync.Mutex
	tenants map[Tenant]*shelf
}

// New makes an empty store.
func New(o Options) *Store {
	if o.Retention == 0 {
		o.Retention = 7 * 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxRows == 0 {
		o.MaxRows = 8_000_000
	}
	if o.MaxTenants == 0 {
		o.MaxTenants = 64
	}
	return &Store{opts: o, tenants: map[Tenant]*shelf{}}
}

// Add keeps rows, in any order of time, and returns how many it kept: what is
// older than the retention, more than two days ahead or of one tenant too many
// is dropped. The rows and their fields belong to the store from then on.
func (s *Store) Add(t Tenant, rows []Row) int {
	now := s.opts.Now()
	rows = within(rows, now.Add(-s.opts.Retention).UnixNano(), now.Add(future).UnixNano())
	if len(rows) == 0 {
		return 0
	}
	sh := s.shelf(t, true)
	if sh == nil {
		return 0
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.pending = append(sh.pending, batch{due: now.Add(s.opts.Visible), rows: rows})
	sh.settle(now, s.opts)
	return len(rows)
}

func within(rows []Row, start, end int64) []Row {
	kept := rows[:0]
	for _, r := range rows {
		if r.Time >= start && r.Time <= end {
			if r.Stream == nil {
				r.Stream = unlabelled
			}
			kept = append(kept, r)
		}
	}
	return kept
}

// Settle makes visible what has waited long enough; Scan does it by itself,
// subscribers of a store with a delay call it now and then.
func (s *Store) Settle(t Tenant) {
	if sh := s.shelf(t, false); sh != nil {
		sh.mu.Lock()
		sh.settle(s.opts.Now(), s.opts)
		sh.mu.Unlock()
	}
}

// Len returns how many rows a tenant has that became visible; a few of them
// may be past the retention, which Scan does not show.
func (s *Store) Len(t Tenant) int {
	sh := s.shelf(t, false)
	if sh == nil {
		return 0
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.settle(s.opts.Now(), s.opts)
	return sh.rows
}

// Total returns how many rows all tenants have, visible or not.
func (s *Store) Total() (rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sh := range s.tenants {
		sh.mu.Lock()
		rows += sh.rows
		sh.mu.Unlock()
	}
	return rows
}

func (s *Store) shelf(t Tenant, create bool) *shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.tenants[t]
	if sh == nil && create && len(s.tenants) < s.opts.MaxTenants {
		sh = &shelf{tenant: t, watchers: map[*Subscription]struct{}{}}
		s.tenants[t] = sh
	}
	return sh
}
