package store

// backlog is how many Adds a subscriber may be behind.
const backlog = 4096

// Subscription hands over rows as they become visible.
type Subscription struct {
	// Rows gives what one Add brought, to be read only; it is closed when the
	// subscriber was too far behind.
	Rows  <-chan []Row
	rows  chan []Row
	shelf *shelf
	store *Store
	lost  bool
}

// Settle makes visible what has waited long enough; who subscribes to a store
// with a delay calls it now and then.
func (w *Subscription) Settle() { w.store.Settle(w.shelf.tenant) }

// Subscribe visits the rows of the range as Scan does, and tells of every row
// that becomes visible from then on: between them none is lost and none comes
// twice. The caller must Stop the subscription. It is nil for one tenant too many.
func (s *Store) Subscribe(t Tenant, past Range, visit func(*Row) bool) *Subscription {
	sh := s.shelf(t, true)
	if sh == nil {
		return nil
	}
	c := make(chan []Row, backlog)
	w := &Subscription{Rows: c, rows: c, shelf: sh, store: s}
	sh.mu.Lock()
	sh.settle(s.opts.Now(), s.opts)
	chunks, open := sh.snapshot()
	sh.watchers[w] = struct{}{}
	sh.mu.Unlock()
	s.visit(chunks, open, past, visit)
	return w
}

// Delayed says whether rows wait before they become visible.
func (s *Store) Delayed() bool { return s.opts.Visible > 0 }

// Stop ends the subscription.
func (w *Subscription) Stop() {
	w.shelf.mu.Lock()
	defer w.shelf.mu.Unlock()
	delete(w.shelf.watchers, w)
}

// offer never waits; the shelf's lock is held.
func (w *Subscription) offer(rows []Row) {
	if w.lost {
		return
	}
	select {
	case w.rows <- rows:
	default:
		w.lost = true
		close(w.rows)
	}
}
