package events_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// notes is a follower that keeps what it is told.
type notes struct {
	mu     sync.Mutex
	seqs   []uint64
	texts  []string
	moment time.Time
	resets int
}

func (n *notes) Reset() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seqs, n.texts = nil, nil
	n.resets++
}

func (n *notes) Apply(r events.Record) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seqs = append(n.seqs, r.Sequence)
	n.texts = append(n.texts, string(r.Data))
}

func (n *notes) CaughtUp(moment time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.moment = moment
}

func (n *notes) text() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.texts, " ")
}

func (n *notes) caughtUp() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.moment.IsZero()
}

func following(t *testing.T, c *events.Conn) (*events.Log, *notes) {
	t.Helper()
	l, n := c.OpenLog("TEST", "a log", "test.>"), &notes{}
	run(t, l, n)
	eventstest.Eventually(t, "the log is there", n.caughtUp)
	return l, n
}

func run(t *testing.T, l *events.Log, n *notes) {
	t.Helper()
	eventstest.Run(t, func(ctx context.Context) error { return l.Follow(ctx, n) })
}

func add(t *testing.T, l *events.Log, subject, text string, expected uint64) uint64 {
	t.Helper()
	seq, err := l.Append(t.Context(), subject, []byte(text), expected)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func TestLogOrdersAppends(t *testing.T) {
	srv := eventstest.Start(t)
	l, n := following(t, srv.Connect("a"))
	one := add(t, l, "test.a", "1", 0)
	if _, err := l.Append(t.Context(), "test.a", []byte("x"), 0); !errors.Is(err, events.ErrConflict) {
		t.Errorf("append with a stale position: %v", err)
	}
	add(t, l, "test.b", "2", 0)
	last := add(t, l, "test.a", "3", one)
	if got, err := l.Last(t.Context(), "test.a"); err != nil || got != last {
		t.Errorf("newest record %d, %v; want %d", got, err, last)
	}
	if got, err := l.Last(t.Context(), "test.none"); err != nil || got != 0 {
		t.Errorf("newest record of nothing %d, %v", got, err)
	}
	if got, err := l.End(t.Context()); err != nil || got != last {
		t.Errorf("end %d, %v; want %d", got, err, last)
	}
	if r, err := l.Read(t.Context(), one+1); err != nil || r.Sequence != one+1 || r.Subject != "test.b" || string(r.Data) != "2" || r.Time.IsZero() {
		t.Errorf("record %+v, %v", r, err)
	}
	if _, err := l.Read(t.Context(), last+1); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("a record that is not there: %v", err)
	}
	eventstest.Eventually(t, "all records arrive in order", func() bool { return n.text() == "1 2 3" })
	late := &notes{}
	run(t, srv.Connect("b").OpenLog("TEST", "a log", "test.>"), late)
	eventstest.Eventually(t, "a late follower has them all", func() bool { return late.text() == "1 2 3" && late.caughtUp() })
}

func TestLogSurvivesRestart(t *testing.T) {
	srv := eventstest.Start(t)
	l, n := following(t, srv.Connect("a"))
	add(t, l, "test.a", "1", 0)
	eventstest.Eventually(t, "the first record arrives", func() bool { return n.text() == "1" })
	srv.Stop()
	if _, err := l.Append(t.Context(), "test.a", []byte("x"), 1); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("append without server: %v", err)
	}
	if _, err := l.Last(t.Context(), "test.a"); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("read without server: %v", err)
	}
	if _, err := l.End(t.Context()); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("end without server: %v", err)
	}
	srv.Resume()
	eventstest.Eventually(t, "appending works again", func() bool {
		_, err := l.Append(t.Context(), "test.a", []byte("2"), 1)
		return err == nil
	})
	eventstest.Eventually(t, "only the new record arrives", func() bool { return n.text() == "1 2" })
	if n.resets != 1 {
		t.Errorf("%d resets of one log", n.resets)
	}
}

func TestLogCreatedAnew(t *testing.T) {
	c := eventstest.Start(t).Connect("a")
	l, n := following(t, c)
	for i := range uint64(5) {
		add(t, l, "test.a", "old", i)
	}
	if err := c.JetStream().DeleteStream(t.Context(), "TEST"); err != nil {
		t.Fatal(err)
	}
	eventstest.Eventually(t, "the new log takes records", func() bool {
		_, err := l.Append(t.Context(), "test.a", []byte("new"), 0)
		return err == nil
	})
	eventstest.Eventually(t, "only the new log's record is left", func() bool { return n.text() == "new" })
}

func TestLogIsReadInBatches(t *testing.T) {
	srv := eventstest.Start(t)
	l, n := following(t, srv.Connect("a"))
	var want []string
	for i := range uint64(600) {
		add(t, l, "test.a", fmt.Sprint(i), i)
		want = append(want, fmt.Sprint(i))
	}
	late := &notes{}
	run(t, srv.Connect("b").OpenLog("TEST", "a log", "test.>"), late)
	eventstest.Eventually(t, "both have all", func() bool {
		return n.text() == strings.Join(want, " ") && late.text() == n.text() && late.caughtUp()
	})
}
