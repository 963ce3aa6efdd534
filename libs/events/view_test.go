package events_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
)

var things = events.Bucket{Name: "things"}

// clock is a time that tests move.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func text(b []byte) (string, error) {
	if string(b) == "bad" {
		return "", errors.New("bad value")
	}
	return string(b), nil
}

func viewOf(t *testing.T, c *events.Conn, cfg events.ViewConfig[string, string]) *events.View[string, string] {
	t.Helper()
	if cfg.Bucket.Name == "" {
		cfg.Bucket = things
	}
	cfg.Key, cfg.Value = events.Decode, text
	if cfg.Heartbeat == 0 {
		cfg.Heartbeat = 20 * time.Millisecond
	}
	v := events.NewView(c, cfg)
	eventstest.Run(t, v.Run)
	return v
}

func open(t *testing.T, c *events.Conn, b events.Bucket) jetstream.KeyValue {
	t.Helper()
	kv, err := c.Open(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return kv
}

func put(t *testing.T, kv jetstream.KeyValue, key, value string) {
	t.Helper()
	if _, err := kv.PutString(t.Context(), key, value); err != nil {
		t.Fatal(err)
	}
}

func holds(v *events.View[string, string], key, value string) func() bool {
	return func() bool {
		e, ok := v.Get(key)
		return ok == (value != "") && e.Value == value
	}
}

func wait(t *testing.T, v *events.View[string, string]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := v.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestViewFollowsTheBucket(t *testing.T) {
	c := eventstest.Start(t).Connect("test")
	kv := open(t, c, things)
	put(t, kv, "old", "1")
	put(t, kv, "wrong", "bad")
	v := viewOf(t, c, events.ViewConfig[string, string]{})
	wait(t, v)
	if !holds(v, "old", "1")() || v.Len() != 1 {
		t.Error("a ready view lacks what was there before, or holds what cannot be read")
	}
	put(t, kv, "new", "2")
	put(t, kv, "old", "3")
	eventstest.Eventually(t, "writes show", func() bool { return holds(v, "new", "2")() && holds(v, "old", "3")() })
	if err := kv.Delete(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	eventstest.Eventually(t, "the deletion shows", holds(v, "new", ""))
}

func TestViewIsReadyOnAnEmptyBucket(t *testing.T) {
	v := viewOf(t, eventstest.Start(t).Connect("test"), events.ViewConfig[string, string]{})
	wait(t, v)
	if age := v.Age(); age > time.Minute {
		t.Errorf("age %s", age)
	}
}

func TestViewSurvivesRestartOfTheServer(t *testing.T) {
	srv := eventstest.Start(t)
	c := srv.Connect("test")
	var clk clock
	v := viewOf(t, c, events.ViewConfig[string, string]{Now: clk.now})
	kv := open(t, c, things)
	put(t, kv, "a", "1")
	eventstest.Eventually(t, "the first write shows", holds(v, "a", "1"))
	srv.Stop()
	clk.advance(time.Hour)
	if v.Age() < 30*time.Minute || v.Check(30*time.Second)(t.Context()) == nil {
		t.Error("a view without contact calls itself fresh")
	}
	if !holds(v, "a", "1")() {
		t.Error("the last known value is gone")
	}
	srv.Resume()
	eventstest.Eventually(t, "the view is confirmed again", func() bool {
		return v.Age() < 10*time.Minute && v.Check(30*time.Second)(t.Context()) == nil
	})
	eventstest.Eventually(t, "a write is possible", func() bool {
		_, err := kv.PutString(t.Context(), "a", "2")
		return err == nil
	})
	eventstest.Eventually(t, "a write after the restart shows", holds(v, "a", "2"))
}

func TestViewStartsWithoutServer(t *testing.T) {
	srv := eventstest.Start(t)
	srv.Stop()
	c := srv.Connect("test")
	v := viewOf(t, c, events.ViewConfig[string, string]{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := v.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait without server: %v", err)
	}
	if v.Age() < time.Hour {
		t.Error("a view that never had contact has an age")
	}
	srv.Resume()
	wait(t, v)
}

func TestViewSurvivesBucketBeingReplaced(t *testing.T) {
	c := eventstest.Start(t).Connect("test")
	v := viewOf(t, c, events.ViewConfig[string, string]{})
	kv := open(t, c, things)
	for i := range 10 {
		put(t, kv, "a", fmt.Sprint(i))
	}
	eventstest.Eventually(t, "the last write shows", holds(v, "a", "9"))
	if err := c.JetStream().DeleteKeyValue(t.Context(), things.Name); err != nil {
		t.Fatal(err)
	}
	kv = open(t, c, things)
	put(t, kv, "b", "new")
	eventstest.Eventually(t, "only the new bucket shows", func() bool {
		return holds(v, "b", "new")() && holds(v, "a", "")()
	})
	put(t, kv, "a", "again")
	eventstest.Eventually(t, "changes of the new bucket show", holds(v, "a", "again"))
}

func TestViewIsConfirmedUnderSteadyWrites(t *testing.T) {
	c := eventstest.Start(t).Connect("test")
	var clk clock
	v := viewOf(t, c, events.ViewConfig[string, string]{Now: clk.now, Heartbeat: time.Millisecond})
	wait(t, v)
	kv := open(t, c, things)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				_, _ = kv.PutString(context.Background(), "a", fmt.Sprint(n))
			}
		}
	}()
	clk.advance(time.Hour)
	eventstest.Eventually(t, "the view is confirmed between writes", func() bool { return v.Age() < 30*time.Minute })
	close(stop)
	<-done
}

func TestFullViewIsNotTrusted(t *testing.T) {
	c := eventstest.Start(t).Connect("test")
	kv := open(t, c, things)
	v := viewOf(t, c, events.ViewConfig[string, string]{MaxEntries: 2})
	wait(t, v)
	for _, key := range []string{"a", "b", "c"} {
		put(t, kv, key, "1")
	}
	eventstest.Eventually(t, "the view knows that it lacks an entry", func() bool { return v.Age() > time.Hour })
	if v.Len() != 2 {
		t.Errorf("%d entries in a view of 2", v.Len())
	}
	if err := kv.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	eventstest.Eventually(t, "the view is whole again", func() bool {
		return v.Age() < time.Hour && holds(v, "b", "1")() && holds(v, "c", "1")()
	})
}

func TestEntriesExpire(t *testing.T) {
	c := eventstest.Start(t).Connect("test")
	b := events.Bucket{Name: "short", Keep: time.Hour}
	var clk clock
	v := viewOf(t, c, events.ViewConfig[string, string]{Bucket: b, Now: clk.now})
	put(t, open(t, c, b), "a", "1")
	eventstest.Eventually(t, "the write shows", holds(v, "a", "1"))
	clk.advance(2 * time.Hour)
	if !holds(v, "a", "")() {
		t.Error("an entry outlives its bucket's Keep")
	}
	eventstest.Eventually(t, "the entry is forgotten", func() bool { return v.Len() == 0 })
}

func TestOwnWritesShowAtOnce(t *testing.T) {
	c := eventstest.Start(t).Connect("test")
	v := events.NewView(c, events.ViewConfig[string, string]{Bucket: things, Key: events.Decode, Value: text})
	v.Applied("a", "new", 5)
	v.Applied("a", "late", 4)
	if !holds(v, "a", "new")() {
		t.Error("an older write replaced a newer one")
	}
}

func TestBucketIsOnDisk(t *testing.T) {
	srv := eventstest.Start(t)
	c := srv.Connect("test")
	b := events.Bucket{Name: "limits", Keep: time.Hour, MaxValue: 8}
	kv := open(t, c, b)
	if _, err := kv.PutString(t.Context(), "a", "far too long"); err == nil {
		t.Error("a value beyond the limit is stored")
	}
	status, err := kv.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg := status.Config()
	if cfg.Storage != jetstream.FileStorage || status.TTL() != time.Hour {
		t.Errorf("storage %v, ttl %v", cfg.Storage, status.TTL())
	}
}

func TestLongestKeepHolds(t *testing.T) {
	c := eventstest.Start(t).Connect("test")
	for _, keep := range []time.Duration{time.Hour, 3 * time.Hour, 2 * time.Hour} {
		open(t, c, events.Bucket{Name: "kept", Keep: keep})
	}
	status, err := open(t, c, events.Bucket{Name: "kept", Keep: time.Hour}).Status(t.Context())
	if err != nil || status.TTL() != 3*time.Hour {
		t.Errorf("entries are kept for %v, %v", status.TTL(), err)
	}
}
