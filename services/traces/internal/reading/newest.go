package reading

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"
	"sync"

	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/relay"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

const (
	// maxServices are searched when no service is named, askAtOnce of them at
	// one time, for at most maxMerged traces: all of these are in memory.
	maxServices = 50
	askAtOnce   = 4
	maxMerged   = 100
	// maxMergedBytes bounds these traces; the oldest go first.
	maxMergedBytes = 64 << 20
)

// newest gives the newest traces over all services that the caller may see.
// The back end searches one service at a time, so each is asked.
func (s *Service) newest(c *call, b *relay.Body, w criteria.Criteria) ([]trace.Raw, error) {
	services, err := s.visible(c)
	if err != nil {
		return nil, err
	}
	if len(services) > maxServices {
		b.Warn("only the first %d of %d services were searched; name a service", maxServices, len(services))
		services = services[:maxServices]
	}
	if w.Limit > maxMerged {
		b.Warn("a search without a service gives at most %d traces", maxMerged)
		w.Limit = maxMerged
	}
	m := &merge{limit: w.Limit, room: maxMergedBytes, known: map[string]bool{}}
	if err = s.ask(c, w, services, m); m.cut {
		b.Warn("older traces were left out, since those found are too large; name a service")
	}
	return m.list, err
}

// ask all services, and end with the first failure.
func (s *Service) ask(c *call, w criteria.Criteria, services []string, m *merge) error {
	ctx, cancel := context.WithCancelCause(c.ctx)
	defer cancel(nil)
	each := *c
	each.ctx = ctx
	names := make(chan string, len(services))
	for _, name := range services {
		names <- name
	}
	close(names)
	var workers sync.WaitGroup
	var once sync.Once
	var first error
	for range min(askAtOnce, len(services)) {
		workers.Go(func() {
			for name := range names {
				one := w
				one.Service = name
				if err := s.askOne(&each, one, m); err != nil {
					once.Do(func() { first = err })
					cancel(err)
					return
				}
			}
		})
	}
	workers.Wait()
	return first
}

func (s *Service) askOne(c *call, w criteria.Criteria, m *merge) error {
	body, err := s.Backend.Search(c.ctx, c.id, w)
	if err != nil {
		return err
	}
	defer body.Close()
	return trace.Split(body, c.scope.Keep(), func(raw trace.Raw) error {
		m.add(raw)
		return nil
	})
}

// merge keeps the newest traces, each once.
type merge struct {
	mu    sync.Mutex
	limit int
	// room in bytes that is left; cut tells that there was too little.
	room  int
	cut   bool
	known map[string]bool
	list  []trace.Raw
}

func (m *merge) add(raw trace.Raw) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known[raw.ID] {
		return
	}
	at, _ := slices.BinarySearchFunc(m.list, raw, func(a, b trace.Raw) int {
		return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(a.ID, b.ID))
	})
	m.list = slices.Insert(m.list, at, raw)
	m.known[raw.ID] = true
	m.room -= len(raw.JSON)
	for len(m.list) > m.limit || m.room < 0 && len(m.list) > 1 {
		m.cut = m.cut || len(m.list) <= m.limit
		m.dropOldest()
	}
}

// dropOldest trace; it may come back from another service, and is dropped again.
func (m *merge) dropOldest() {
	oldest := m.list[len(m.list)-1]
	m.list = m.list[:len(m.list)-1]
	m.room += len(oldest.JSON)
	delete(m.known, oldest.ID)
}

// readList reads traces that are in memory already.
func readList(list []trace.Raw, limits trace.Limits, each func(*trace.Trace) error) error {
	for _, raw := range list {
		source := io.MultiReader(bytes.NewReader([]byte{'['}), bytes.NewReader(raw.JSON), bytes.NewReader([]byte{']'}))
		if err := trace.Read(source, limits, each); err != nil {
			return err
		}
	}
	return nil
}
