package storetest

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func otherReplica(t *testing.T, open Backend) {
	a, b := open(t), open(t)
	for i := range 20 {
		text := fmt.Sprint(i)
		v := definition.View{Tenant: acme, MinEpoch: apply(t, a, acme, described("up", text)).Epoch}
		if got, err := b.Get(t.Context(), v, metricKey("up")); err != nil || got.Description != text {
			t.Fatalf("the other replica reads %+v, %v; want %s", got, err, text)
		}
		if f, err := b.Lookup(t.Context(), v, []string{"up"}); err != nil || f.Epoch < v.MinEpoch {
			t.Fatalf("the other replica looks up epoch %d, %v; want %d", f.Epoch, err, v.MinEpoch)
		}
		if list, err := b.Versions(t.Context(), v, metricKey("up")); err != nil || len(list) != i+1 {
			t.Fatalf("the other replica lists %d versions, %v; want %d", len(list), err, i+1)
		}
	}
}

func refresh(t *testing.T, open Backend) {
	a, b := open(t), open(t)
	for i := range 20 {
		key := definition.Key{Kind: definition.Service, Name: fmt.Sprint(i)}
		apply(t, a, acme, definition.Change{Key: key})
		if err := b.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		get(t, b, acme, key)
	}
}

func lateReplica(t *testing.T, open Backend) {
	a := open(t)
	for i := range 50 {
		apply(t, a, acme, described(fmt.Sprint("m", i%10), fmt.Sprint(i)))
	}
	apply(t, a, acme, definition.Change{Key: metricKey("m9"), Delete: true})
	late := open(t)
	for i := range 9 {
		key := metricKey(fmt.Sprint("m", i))
		if got, want := get(t, late, acme, key), get(t, a, acme, key); !reflect.DeepEqual(got, want) {
			t.Errorf("late replica reads %+v, want %+v", got, want)
		}
		if got, want := checkVersions(t, late, acme, key, 5), checkVersions(t, a, acme, key, 5); !reflect.DeepEqual(got, want) {
			t.Errorf("late replica lists %+v, want %+v", got, want)
		}
	}
	checkMissing(t, late, acme, metricKey("m9"))
	checkVersions(t, late, acme, metricKey("m9"), 6)
}

// concurrent changes one key a thousand times through two replicas.
func concurrent(t *testing.T, open Backend) {
	const changes = 1000
	replicas := []definition.Store{open(t), open(t)}
	var numbers sync.Map
	var wg sync.WaitGroup
	for i := range changes {
		wg.Go(func() {
			out, err := replicas[i%2].Apply(t.Context(), definition.Batch{Tenant: acme, Author: "ann",
				Changes: []definition.Change{described("up", fmt.Sprint(i))}})
			if err != nil {
				t.Error(err)
				return
			}
			if other, twice := numbers.LoadOrStore(out.Applied[0].Version, i); twice || !out.Applied[0].Changed {
				t.Errorf("change %d is %+v, which is also change %v", i, out.Applied[0], other)
			}
		})
	}
	wg.Wait()
	for _, r := range replicas {
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := get(t, r, acme, metricKey("up")); got.Version != changes {
			t.Errorf("head %+v", got)
		}
		checkVersions(t, r, acme, metricKey("up"), changes)
	}
	for number := range int64(changes) {
		if _, ok := numbers.Load(number + 1); !ok {
			t.Errorf("version %d is nobody's", number+1)
		}
	}
}

// concurrentConditions lets many writers replace the same version.
func concurrentConditions(t *testing.T, open Backend) {
	replicas := []definition.Store{open(t), open(t)}
	tag := apply(t, replicas[0], acme, described("up", "first")).Applied[0].ETag()
	for round := range 5 {
		var won, lost atomic.Int32
		var next atomic.Value
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				c := described("up", fmt.Sprint(round, " ", i))
				c.If.Tags = []string{tag}
				out, err := replicas[i%2].Apply(t.Context(), definition.Batch{Tenant: acme, Author: "ann", Changes: []definition.Change{c}})
				switch {
				case err == nil:
					won.Add(1)
					next.Store(out.Applied[0].ETag())
				case fault.From(err).Code == fault.CodePrecondition:
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 9 {
			t.Fatalf("round %d: %d writers won, %d lost", round, won.Load(), lost.Load())
		}
		tag, _ = next.Load().(string)
	}
	if err := replicas[1].Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkVersions(t, replicas[1], acme, metricKey("up"), 6)
}

func concurrentLogs(t *testing.T, open Backend) {
	const rounds = 20
	replicas := []definition.Store{open(t), open(t)}
	var wg sync.WaitGroup
	for i, c := range everyKind() {
		for _, r := range replicas {
			wg.Go(func() {
				for range rounds {
					_, err := r.Apply(t.Context(), definition.Batch{Tenant: fmt.Sprint("t", i%2), Author: "ann",
						Changes: []definition.Change{c, {Key: next(c.Key), Content: c.Content}}})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	for i, c := range everyKind() {
		for _, r := range replicas {
			if err := r.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkVersions(t, r, fmt.Sprint("t", i%2), c.Key, 1)
			checkVersions(t, r, fmt.Sprint("t", i%2), next(c.Key), 1)
		}
	}
}

func next(k definition.Key) definition.Key {
	k.Name += "2"
	return k
}

// lateEqual writes through one replica what another one has just replaced: an
// older state must not make the write look needless.
func lateEqual(t *testing.T, open Backend) {
	a, b := open(t), open(t)
	for range 50 {
		apply(t, a, acme, described("up", "one"))
		apply(t, b, acme, described("up", "two"))
		v := definition.View{Tenant: acme, MinEpoch: apply(t, a, acme, described("up", "one")).Epoch}
		if got, err := b.Get(t.Context(), v, metricKey("up")); err != nil || got.Description != "one" {
			t.Fatalf("a write got lost: %+v, %v", got, err)
		}
	}
}
