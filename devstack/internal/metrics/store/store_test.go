package store

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hour = int64(time.Hour / time.Millisecond)

// base is 2026-11-20 10:00:00Z.
const base = 1795168800000

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Retention: 31 * 24 * time.Hour, MaxTenants: 2})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func create(t *testing.T, s *Store, tenant Tenant) *DB {
	t.Helper()
	db, err := s.Create(tenant)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func add(t *testing.T, db *DB, name string, from, to, step int64) {
	t.Helper()
	s := Series{Labels: labels.FromStrings(model.MetricNameLabel, name)}
	for at := from; at < to; at += step {
		s.T, s.V = append(s.T, at), append(s.V, float64(at))
	}
	if err := db.Append(context.Background(), []Series{s}); err != nil {
		t.Fatal(err)
	}
}

func closed(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestTenantsAreApart(t *testing.T) {
	s := open(t, "")
	defer closed(t, s)
	add(t, create(t, s, Tenant{1, 0}), "one", base, base+1, 1)
	add(t, create(t, s, Tenant{1, 2}), "two", base, base+1, 1)
	for tenant, want := range map[Tenant]string{{1, 0}: "one", {1, 2}: "two"} {
		got, err := s.Get(tenant).Series(t.Context(), All(), base, base)
		if err != nil || len(got) != 1 || got[0].Get(model.MetricNameLabel) != want {
			t.Errorf("tenant %s: %v, %v; want %s alone", tenant, got, err, want)
		}
	}
	if s.Get(Tenant{9, 9}) != nil {
		t.Error("an unknown tenant has a database")
	}
}

func TestTemporaryFolderGoes(t *testing.T) {
	s := open(t, "")
	create(t, s, Tenant{})
	closed(t, s)
	if _, err := os.Stat(s.opts.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", s.opts.Dir, err)
	}
}

func TestTenantsAreBounded(t *testing.T) {
	s := open(t, "")
	defer closed(t, s)
	create(t, s, Tenant{1, 0})
	create(t, s, Tenant{2, 0})
	if _, err := s.Create(Tenant{3, 0}); !errors.Is(err, ErrTooManyTenants) {
		t.Errorf("third tenant of two: %v", err)
	}
	if got := s.Tenants(); len(got) != 2 || got[0] != (Tenant{1, 0}) || got[1] != (Tenant{2, 0}) {
		t.Errorf("tenants %v", got)
	}
}

// TestBackfill writes whole series one after the other, as a demo's history
// comes, and compacts and reopens in between.
func TestBackfill(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	db := create(t, s, Tenant{1, 0})
	for _, name := range []string{"a", "b", "c"} {
		add(t, db, name, base, base+8*hour, 15000)
	}
	if err := db.tsdb.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	add(t, db, "late", base, base+8*hour, 15000)
	closed(t, s)

	s = open(t, dir)
	defer closed(t, s)
	got, err := s.Get(Tenant{1, 0}).Select(t.Context(), All(), base, base+8*hour)
	if err != nil || len(got) != 4 {
		t.Fatalf("%d series, %v; want 4", len(got), err)
	}
	for _, series := range got {
		if len(series.T) != int(8*hour/15000) {
			t.Errorf("%s: %d samples, want %d", series.Labels, len(series.T), 8*hour/15000)
		}
	}
}

func TestSeriesGoByDay(t *testing.T) {
	s := open(t, "")
	defer closed(t, s)
	db := create(t, s, Tenant{})
	add(t, db, "x", base, base+1, 1)
	for name, tt := range map[string]struct {
		from, to int64
		want     int
	}{
		"another hour of the day": {base + 9*hour, base + 10*hour, 1},
		"the day before":          {base - 20*hour, base - 19*hour, 0},
		"the day after":           {base + 20*hour, base + 21*hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := db.Series(t.Context(), All(), tt.from, tt.to)
			if err != nil || len(got) != tt.want {
				t.Errorf("%v, %v; want %d", got, err, tt.want)
			}
		})
	}
}

func TestSelectorIsAnOr(t *testing.T) {
	s := open(t, "")
	defer closed(t, s)
	db := create(t, s, Tenant{})
	for _, name := range []string{"a", "b", "c"} {
		add(t, db, name, base, base+1, 1)
	}
	equal := func(name string) []*labels.Matcher {
		return []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name)}
	}
	got, err := db.Select(t.Context(), Selector{equal("c"), equal("a"), equal("a")}, base, base)
	if err != nil || len(got) != 2 || got[0].Labels.Get(model.MetricNameLabel) != "a" || len(got[0].T) != 1 {
		t.Errorf("%v, %v; want a and c once each", got, err)
	}
}

func TestMetadataIsBounded(t *testing.T) {
	d := &DB{metadata: newMetadata()}
	d.Describe(map[string]Meta{"b": {Type: "gauge"}, "a": {Help: "x"}})
	names, all := d.Metadata("", 1)
	if len(names) != 1 || names[0] != "a" || all["a"].Help != "x" {
		t.Errorf("%v %v", names, all)
	}
	if names, _ := d.Metadata("b", 0); len(names) != 1 {
		t.Errorf("by name: %v", names)
	}
	for i := range maxMetadata + 10 {
		d.Describe(map[string]Meta{string(rune('A'+i%26)) + time.Duration(i).String(): {}})
	}
	if names, _ := d.Metadata("", 0); len(names) != maxMetadata {
		t.Errorf("%d names, want %d", len(names), maxMetadata)
	}
}
