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
	lost  bool
}

// Subscribe tells of every row that becomes visible from now on. The caller
// must Stop the subscription. It is nil for one tenant too many.
func (s *Store) Subscribe(t Tenant) *Subscription {
	sh := s.shelf(t, true)
	if sh == nil {
		return nil
	}
	c := make(chan []Row, backlog)
	w := &Subscription{Rows: c, rows: c, shelf: sh}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.watchers[w] = struct{}{}
	return w
}

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
