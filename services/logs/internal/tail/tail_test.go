package tail

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// follow runs a tail for so long, in made-up time, while the writer runs.
func follow(t *testing.T, b *backend, r Request, c *client, o Options, length time.Duration, write func(i int)) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := 0; ctx.Err() == nil; i++ {
			write(i)
			time.Sleep(100 * time.Millisecond)
		}
	}()
	err := Run(ctx, b, r, o, c.send)
	cancel()
	<-written
	return err
}

func numbers(from, to int) (all []string) {
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

// prefix wants that the rows are those numbers, in order, as far as they could
// arrive before the end.
func prefix(t *testing.T, got []string, from, least int) {
	t.Helper()
	if len(got) < least {
		t.Fatalf("%d rows, want at least %d", len(got), least)
	}
	if want := numbers(from, from+len(got)); !slices.Equal(got, want) {
		t.Fatalf("rows %v, want %v", got, want)
	}
}

func TestLiveRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := &backend{}, &client{}
		b.write("old")
		time.Sleep(3 * time.Second)
		if err := follow(t, b, Request{Query: "*"}, c, DefaultOptions(), time.Minute, func(i int) { b.write(fmt.Sprint(i)) }); err != nil {
			t.Fatal(err)
		}
		got := c.texts(t)
		prefix(t, got, 0, 570)
		if e := c.last(); e.Sent != uint64(len(got)) || e.Dropped != 0 || len(c.errors()) > 0 {
			t.Errorf("%d rows, last event %+v, errors %v", len(got), e, c.errors())
		}
	})
}

// TestSeams cuts the connection again and again, at odd moments.
func TestSeams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := &backend{}, &client{}
		for i := range 40 {
			b.cuts = append(b.cuts, time.Duration(300+i*97)*time.Millisecond)
		}
		// The past is replayed by a query first.
		for i := range 300 {
			b.write(fmt.Sprint(i))
			time.Sleep(100 * time.Millisecond)
		}
		r := Request{Query: "*", Since: time.Now().Add(-30 * time.Second)}
		if err := follow(t, b, r, c, DefaultOptions(), 3*time.Minute, func(i int) { b.write(fmt.Sprint(300 + i)) }); err != nil {
			t.Fatal(err)
		}
		prefix(t, c.texts(t), 0, 2000)
		if b.replayed == 0 || b.follows < 40 || len(c.errors()) < 30 {
			t.Errorf("%d replays, %d connections, %d errors", b.replayed, b.follows, len(c.errors()))
		}
	})
}

func TestEqualRowsAreAllShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := &backend{cuts: []time.Duration{5 * time.Second}}, &client{}
		at := time.Now().Add(time.Second)
		b.rows = []entry{{at, "twin"}, {at, "twin"}, {at, "twin"}}
		if err := follow(t, b, Request{}, c, DefaultOptions(), 30*time.Second, func(int) {}); err != nil {
			t.Fatal(err)
		}
		if got := c.texts(t); len(got) != 3 {
			t.Errorf("%v", got)
		}
	})
}

func TestRowsWithoutTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := &backend{timeless: true}, &client{}
		if err := follow(t, b, Request{}, c, DefaultOptions(), 20*time.Second, func(int) { b.write("same") }); err != nil {
			t.Fatal(err)
		}
		if got := c.texts(t); len(got) < 150 || c.events[len(c.events)-1].Dropped > 0 {
			t.Errorf("%d rows", len(got))
		}
	})
}

func TestSilentConnectionIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := &backend{silent: map[int]bool{1: true}}, &client{}
		if err := follow(t, b, Request{}, c, DefaultOptions(), 2*time.Minute, func(i int) { b.write(fmt.Sprint(i)) }); err != nil {
			t.Fatal(err)
		}
		got := c.texts(t)
		if len(got) < 600 || len(c.errors()) > 0 {
			t.Errorf("%d rows, errors %v", len(got), c.errors())
		}
	})
}

func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &client{}
		if err := follow(t, &backend{}, Request{}, c, DefaultOptions(), 65*time.Second, func(int) {}); err != nil {
			t.Fatal(err)
		}
		if len(c.events) != 7 || !reflect.DeepEqual(c.last(), Event{}) {
			t.Errorf("events %+v", c.events)
		}
	})
}

func TestSampling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c := &backend{}, &client{}
		if err := follow(t, b, Request{Sampling: 10}, c, DefaultOptions(), time.Minute, func(i int) { b.write(fmt.Sprint(i)) }); err != nil {
			t.Fatal(err)
		}
		got := c.texts(t)
		if len(got) < 57 || len(got) > 60 || got[0] != "0" || got[1] != "10" {
			t.Errorf("%d rows: %v", len(got), got)
		}
	})
}

func TestSlowClientLosesTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := DefaultOptions()
		o.BufferRows, o.EventRows = 20, 5
		b, c := &backend{}, &client{slow: 5 * time.Second}
		err := follow(t, b, Request{}, c, o, time.Minute, func(i int) {
			b.write(fmt.Sprint(i))
		})
		if err != nil {
			t.Fatal(err)
		}
		got := c.texts(t)
		e := c.last()
		if e.Dropped < 300 || e.Sent != uint64(len(got)) || len(got) == 0 {
			t.Errorf("%d rows, last %+v", len(got), e)
		}
		prefix(t, got[:20], 0, 20)
	})
}

func TestPastWaitsForASlowClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := DefaultOptions()
		o.BufferRows, o.EventRows, o.ReplayRows = 20, 5, 200
		b, c := &backend{}, &client{slow: 100 * time.Millisecond}
		for i := range 300 {
			b.write(fmt.Sprint(i))
			time.Sleep(time.Second)
		}
		if err := follow(t, b, Request{Since: time.Now().Add(-5 * time.Minute)}, c, o, time.Minute, func(int) {}); err != nil {
			t.Fatal(err)
		}
		prefix(t, c.texts(t), 99, 200)
		if got := c.errors(); len(got) != 1 || got[0] != leftOut {
			t.Errorf("errors %v", got)
		}
	})
}

func TestRefusals(t *testing.T) {
	refused := fault.New(fault.CodeQueryInvalid, "no")
	down := fault.New(fault.CodeBackendDown, "The back end is away").WithDetail("try later")
	t.Run("at first", func(t *testing.T) {
		for _, want := range []error{refused, down} {
			c := &client{}
			err := Run(t.Context(), &backend{failing: func(int) error { return want }}, Request{}, DefaultOptions(), c.send)
			if !errors.Is(err, want) || len(c.events) > 0 {
				t.Errorf("error %v, %d events", err, len(c.events))
			}
		}
	})
	t.Run("later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, c := &backend{cuts: []time.Duration{time.Second}}, &client{}
			b.failing = func(n int) error { return map[int]error{2: down, 3: down, 4: refused}[n] }
			err := follow(t, b, Request{}, c, DefaultOptions(), time.Minute, func(int) {})
			if !errors.Is(err, refused) || b.follows != 4 {
				t.Errorf("error %v after %d connections", err, b.follows)
			}
			if got := c.errors(); len(got) != 3 || !strings.Contains(got[1], "try later") {
				t.Errorf("errors %v", got)
			}
		})
	})
}

func TestClientGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("gone")
		c := &client{err: gone}
		if err := follow(t, &backend{}, Request{}, c, DefaultOptions(), time.Minute, func(int) {}); !errors.Is(err, gone) {
			t.Errorf("%v", err)
		}
	})
}

func TestHugeRowIsCounted(t *testing.T) {
	b := newBuffer(DefaultOptions())
	b.put(Row{JSON: make([]byte, maxRow+1)})
	if err := b.wait(t.Context(), Row{JSON: make([]byte, maxRow+1)}); err != nil {
		t.Fatal(err)
	}
	b.put(Row{JSON: []byte("{}")})
	if e := b.take(); len(e.Rows) != 1 || e.Dropped != 2 {
		t.Errorf("%d rows, %d dropped", len(e.Rows), e.Dropped)
	}
}
