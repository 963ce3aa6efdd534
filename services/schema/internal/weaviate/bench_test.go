package weaviate

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/weaviate/weaviate-go-client/v4/weaviate/batch"
	"github.com/weaviate/weaviate/entities/models"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
)

const bulkRows = 10_000

// bulk is the rows of one large upload.
func bulk(rows int, text string) []definition.Change {
	changes := make([]definition.Change, rows)
	for i := range changes {
		changes[i] = definition.Change{Key: definition.Key{Kind: definition.Metric, Name: fmt.Sprintf("edge_requests_%05d_total", i)},
			Content: definition.Content{Description: fmt.Sprintf("Requests served by endpoint %d of the edge tier%s.", i, text),
				Owner: "team-a", Tags: []string{"tier=edge", "bulk"}}}
	}
	return changes
}

// raw writes the objects that the rows make with the batch client alone.
func raw(b *testing.B, c *client, tenant string, changes []definition.Change) time.Duration {
	b.Helper()
	var objects []*models.Object
	e := encoder{}
	for _, change := range changes {
		m := jetstream.Made{Author: "ann", Sequence: 1, Definition: definition.Definition{Key: change.Key,
			Content: change.Content, Version: 1, UpdatedAt: time.Now()}}
		for _, encode := range []func(string, jetstream.Made) (*models.Object, error){e.version, e.head} {
			o, err := encode(tenant, m)
			if err != nil {
				b.Fatal(err)
			}
			objects = append(objects, o)
		}
	}
	client, start := batch.New(c.conn, nil, nil), time.Now()
	for chunk := range slices.Chunk(objects, batchObjects) {
		if _, err := client.ObjectsBatcher().WithObjects(chunk...).Do(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

func upload(b *testing.B, s definition.Store, tenant string, changes []definition.Change) {
	b.Helper()
	for _, batch := range definition.Split(tenant, "ann", changes) {
		if out, err := s.Apply(b.Context(), batch); err != nil || out.Changed() != len(batch.Changes) {
			b.Fatal(out.Changed(), err)
		}
	}
}

// peak gives the most heap that was in use until stop is called, in bytes.
func peak() (stop func() uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	out := make(chan uint64)
	runtime.GC()
	go func() {
		var most uint64
		for t := time.NewTicker(5 * time.Millisecond); ; {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-t.C:
			case <-ctx.Done():
				t.Stop()
				out <- most
				return
			}
		}
	}()
	return func() uint64 { cancel(); return <-out }
}

// BenchmarkBulk stores 10,000 rows through the store, and the same objects
// with the batch client alone. "ratio" is the store's speed in that of the
// client; of each the best round counts, since a neighbour's work only slows.
func BenchmarkBulk(b *testing.B) {
	s, _ := begin(b, configOf(server(b)), eventstest.Start(b))
	ready(b, s)
	alone, stored, extra := time.Hour, time.Hour, uint64(0)
	for range b.N {
		prefix := newPrefix()
		alone = min(alone, raw(b, s.client, prefix+"raw", bulk(bulkRows, "")))
		changes := bulk(bulkRows, "")
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		stop, start := peak(), time.Now()
		upload(b, s, prefix+"store", changes)
		stored = min(stored, time.Since(start))
		extra = max(extra, stop()-before.HeapInuse)
	}
	b.ReportMetric(bulkRows/stored.Seconds(), "rows/s")
	b.ReportMetric(bulkRows/alone.Seconds(), "raw-rows/s")
	b.ReportMetric(alone.Seconds()/stored.Seconds(), "ratio")
	b.ReportMetric(float64(extra)/(1<<20), "MiB-extra")
}

// BenchmarkRead reads from a tenant of 10,000 metrics.
func BenchmarkRead(b *testing.B) {
	s, _ := begin(b, configOf(server(b)), eventstest.Start(b))
	ready(b, s)
	v := definition.View{Tenant: newPrefix()}
	changes := bulk(bulkRows, "")
	upload(b, s, v.Tenant, changes)
	var names []string
	for _, c := range changes[5000:5050] {
		names = append(names, c.Key.Name)
	}
	for name, read := range map[string]func(context.Context) error{
		"get":    func(ctx context.Context) error { _, err := s.Get(ctx, v, changes[7].Key); return err },
		"lookup": func(ctx context.Context) error { _, err := s.Lookup(ctx, v, names); return err },
		"list": func(ctx context.Context) error {
			_, err := s.List(ctx, v, definition.Selection{Kind: definition.Metric, Prefix: "edge_requests_05", Limit: 100})
			return err
		},
		"search": func(ctx context.Context) error {
			_, err := s.Search(ctx, v, definition.Query{Text: "how many requests did endpoint 77 fail", Limit: 20})
			return err
		},
		"versions": func(ctx context.Context) error { _, err := s.Versions(ctx, v, changes[7].Key); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("upsert", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			c := changes[9]
			c.Content.Description = fmt.Sprint("text ", i)
			if _, err := s.Apply(b.Context(), definition.Batch{Tenant: v.Tenant, Changes: []definition.Change{c}}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
