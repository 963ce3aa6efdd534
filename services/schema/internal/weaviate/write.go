package weaviate

import (
	"context"
	"slices"
	"sync"

	"github.com/weaviate/weaviate/entities/models"

	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
)

const (
	// batchObjects go into one request.
	batchObjects = 1000
	// writers send requests side by side.
	writers = 2
)

// item is one object to be written: a version, or the head that it makes.
type item struct {
	tenant string
	made   *jetstream.Made
	head   bool
}

// write is the objects of some records.
type write struct {
	// last is the newest of the records.
	last  uint64
	items []item
	// anew tells that the objects may have been put before.
	anew bool
}

// collect reads records until they make a full request. Heads are the newest
// that is known, and not those of the records: what is written again must not
// take anything back meanwhile.
func (s *session) collect(ctx context.Context, limit uint64) (write, error) {
	w := write{last: s.done, anew: s.again()}
	heads := map[address]struct{}{}
	for w.last < limit && len(w.items)+len(heads) < batchObjects {
		tenant, made, err := s.fold.Made(ctx, w.last+1)
		if err != nil {
			return w, err
		}
		w.last++
		w.items = slices.Grow(w.items, 2*len(made))
		for i := range made {
			w.items = append(w.items, item{tenant, &made[i], false})
			heads[address{tenant, made[i].Key}] = struct{}{}
		}
	}
	return w, s.heads(&w, heads)
}

// heads adds the newest versions of keys.
func (s *session) heads(w *write, keys map[address]struct{}) error {
	list, next := make([]jetstream.Made, len(keys)), 0
	for a := range keys {
		m, err := s.fold.Newest(a.tenant, a.key)
		if err != nil {
			return err
		}
		if m.Version > 0 {
			list[next] = m
			w.items = append(w.items, item{a.tenant, &list[next], true})
			next++
		}
	}
	return nil
}

// write stores the objects. Each is the only one of its id, so it does not
// matter which comes first.
func (w write) write(ctx context.Context, c *client, e encoder) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	requests := make(chan []item)
	var wg sync.WaitGroup
	for range min(writers, 1+len(w.items)/batchObjects) {
		wg.Go(func() {
			for items := range requests {
				if err := e.send(ctx, c, items, w.anew); err != nil {
					cancel(err)
				}
			}
		})
	}
	for items := range slices.Chunk(w.items, batchObjects) {
		requests <- items
	}
	close(requests)
	wg.Wait()
	return context.Cause(ctx)
}

func (e encoder) send(ctx context.Context, c *client, items []item, again bool) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	objects := make([]*models.Object, 0, len(items))
	for _, it := range items {
		encode := e.version
		if it.head {
			encode = e.head
		}
		o, err := encode(it.tenant, *it.made)
		if err != nil {
			return err
		}
		if again {
			anew(o)
		}
		objects = append(objects, o)
	}
	return c.put(ctx, objects)
}

// mendAll writes heads again that were found older than the log says.
func (s *session) mendAll(ctx context.Context) error {
	mends, w := s.takeMends(), write{anew: true}
	if err := s.heads(&w, mends); err != nil {
		return err
	}
	if len(w.items) == 0 {
		return nil
	}
	if err := w.write(ctx, s.client, s.encoder); err != nil {
		for a := range mends {
			s.mend(a)
		}
		return err
	}
	return s.look(ctx)
}
