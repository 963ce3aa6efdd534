package demo

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store keeps the sample lines by tenant and refuses while broken is set.
type store struct {
	mu     sync.Mutex
	lines  map[vmimport.Tenant][]string
	broken error
}

func newStore() *store { return &store{lines: map[vmimport.Tenant][]string{}} }

func (s *store) Write(_ context.Context, tenant vmimport.Tenant, text []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			s.lines[tenant] = append(s.lines[tenant], line)
		}
	}
	return nil
}

func (s *store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

// series returns the lines of one series, in the order they were written.
func (s *store) series(tenant vmimport.Tenant, prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for _, line := range s.lines[tenant] {
		if strings.HasPrefix(line, prefix) {
			found = append(found, line)
		}
	}
	return found
}

func options(t *testing.T, w Writer) Options {
	t.Helper()
	return Options{File: filepath.Join(t.TempDir(), "demo.json"), Seed: 1, History: 10 * time.Minute,
		Target: "stand-in", Writer: w, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

func open(t *testing.T, o Options) *Player {
	t.Helper()
	p, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func backfill(t *testing.T, p *Player) {
	t.Helper()
	if err := p.Backfill(context.Background(), func(float64) {}); err != nil {
		t.Fatal(err)
	}
}

const frontendUp = `up{service="frontend",instance="frontend-0"`

func TestBackfillIsWholeAndMarkedPerTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		backfill(t, open(t, options(t, s)))
		for _, tenant := range Tenants() {
			lines := s.series(tenant.ID, frontendUp)
			if len(lines) != 41 { // ten minutes every 15 s, both ends
				t.Errorf("tenant %s has %d samples, want 41", tenant.Name, len(lines))
			}
			for _, foreign := range Tenants() {
				want := foreign.Name == tenant.Name
				if strings.Contains(strings.Join(s.series(tenant.ID, ""), ""), foreign.Marker) != want {
					t.Errorf("marker %s in the data of %s: want %v", foreign.Marker, tenant.Name, want)
				}
			}
		}
	})
}

func TestStoryGoesOnWhereItEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole, parts := newStore(), newStore()
		first, second := options(t, whole), options(t, parts)
		backfill(t, open(t, second))
		uninterrupted := open(t, first)
		backfill(t, uninterrupted)
		time.Sleep(4 * time.Minute)
		backfill(t, open(t, second)) // a new process with the same file
		backfill(t, uninterrupted)
		a := strings.Join(whole.series(Tenants()[0].ID, ""), "")
		if b := strings.Join(parts.series(Tenants()[0].ID, ""), ""); a != b {
			t.Error("an interrupted story differs from an uninterrupted one")
		}
	})
}

func TestNewStoryWhenAnythingChanged(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		fresh  bool
	}{
		{"same", func(*Options) {}, false},
		{"another seed", func(o *Options) { o.Seed = 2 }, true},
		{"another back end", func(o *Options) { o.Target = "http://127.0.0.1:1" }, true},
		{"a long gap", func(o *Options) { o.Now = func() time.Time { return time.Now().Add(time.Hour) } }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t, newStore())
			p := open(t, o)
			backfill(t, p)
			tt.change(&o)
			again := open(t, o)
			if fresh := !again.Told().Written.Equal(p.Told().Written); fresh != tt.fresh {
				t.Errorf("fresh story %v, want %v", fresh, tt.fresh)
			}
		})
	}
}

func TestLiveCatchesUpAfterTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		p := open(t, options(t, s))
		backfill(t, p)
		before := len(s.series(Tenants()[0].ID, frontendUp))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		time.Sleep(time.Second / 2) // between two ticks: one write is not half refused
		s.fail(errors.New("away"))
		time.Sleep(time.Minute)
		s.fail(nil)
		time.Sleep(time.Minute)
		cancel()
		<-done
		if got := len(s.series(Tenants()[0].ID, frontendUp)) - before; got != 8 {
			t.Errorf("%d live samples in two minutes, want 8", got)
		}
	})
}

func TestPlayBeginsNowAndIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		o := options(t, s)
		p := open(t, o)
		backfill(t, p)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		fresh, err := p.Play(ctx, 3)
		if err != nil || !fresh.Start.Equal(time.Now().Truncate(time.Second)) {
			t.Errorf("incident %v (%v), want one that begins now", fresh, err)
		}
		time.Sleep(time.Minute)
		cancel()
		<-done
		again := open(t, o).Told().Incidents
		if len(again) == 0 || again[len(again)-1].Kind != fresh.Kind {
			t.Errorf("incidents after a restart: %v, want the fresh one last", again)
		}
	})
}
