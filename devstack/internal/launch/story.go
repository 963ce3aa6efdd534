package launch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/definitions"
	"github.com/platformbuilds/mirador-core/devstack/internal/demo"
	"github.com/platformbuilds/mirador-core/devstack/internal/serviceconfig"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

const demoPart = "demo"

// startDemo writes the hours behind, then goes on live.
func (s *stack) startDemo(ctx context.Context) error {
	if !s.settings.MayWrite(settings.Metrics) {
		s.progress.left(demoPart, "no metrics to "+s.writeTo+", which is not on this machine; DEMO_WRITE=1 allows it")
		if len(s.feeds) == 0 {
			return nil
		}
	}
	if err := s.openStory(); err != nil {
		return err
	}
	begun := time.Now()
	err := s.player.Backfill(ctx, func(done float64) { s.progress.working(demoPart, fmt.Sprintf("%.0f %%", 100*done)) })
	if err != nil {
		return err
	}
	s.progress.done(demoPart, fmt.Sprintf("%.0f h of %s for 2 tenants, written in %.1f s", s.settings.History.Hours(), s.signals(), time.Since(begun).Seconds()))
	if err := s.loadBulk(ctx); err != nil {
		return err
	}
	s.live()
	return nil
}

// signals names what the demo writes.
func (s *stack) signals() string {
	var names []string
	if s.settings.MayWrite(settings.Metrics) {
		names = append(names, "metrics")
	}
	for _, feed := range s.feeds {
		names = append(names, feed.Name)
	}
	return strings.Join(names, ", ")
}

func (s *stack) openStory() error {
	target := s.writeTo
	if s.settings.Starts(settings.Metrics) {
		target = standIn // the same data whatever its port
	}
	o := demo.Options{
		File: s.storyFile(), Seed: s.settings.Seed, History: s.settings.History,
		Target: target, Feeds: s.feeds, Now: time.Now, Log: s.log,
	}
	if s.rows != nil {
		o.BulkRows = s.settings.BulkRows
	}
	if s.settings.MayWrite(settings.Metrics) {
		client := vmimport.New(vmimport.Options{Endpoint: s.writeTo, Username: s.settings.Username, Password: s.settings.Password})
		s.onClose(demoPart, func(context.Context) error {
			client.Close()
			return nil
		})
		o.Writer = client
	}
	player, err := demo.Open(o)
	s.player = player
	return err
}

// live tells the story on, and listens for "play a fresh incident".
func (s *stack) live() {
	s.owned(demoPart, func(ctx context.Context) { _ = s.player.Run(ctx) })
	s.owned("demo requests", s.takeRequests)
}

// define tells the registry what the demo's metrics mean, for each tenant in
// the name of one of its editors.
func (s *stack) define(ctx context.Context) error {
	s.progress.working("definitions", "writing")
	written := 0
	for _, tenant := range demo.Tenants() {
		n, err := s.defineFor(ctx, tenant)
		if err != nil {
			return fmt.Errorf("tenant %s: %w", tenant.Name, err)
		}
		written += n
	}
	s.progress.done("definitions", fmt.Sprintf("%d written", written))
	return nil
}

func (s *stack) defineFor(ctx context.Context, tenant demo.Tenant) (int, error) {
	token, err := s.tokens.For(serviceconfig.User{Name: self, Tenant: tenant.Name, Role: "editor"})
	if err != nil {
		return 0, err
	}
	client := definitions.NewClient(s.url(), token)
	defer client.Close()
	return client.Define(ctx, definitions.Demo(tenant.Tenant))
}
