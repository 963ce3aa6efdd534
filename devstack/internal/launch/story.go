package launch

import (
	"context"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/definitions"
	"github.com/platformbuilds/mirador-core/devstack/internal/demo"
	"github.com/platformbuilds/mirador-core/devstack/internal/serviceconfig"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

const demoPart = "demo"

// startDemo writes the hours behind, then goes on live.
func (s *stack) startDemo(ctx context.Context) error {
	if !s.settings.MayWrite() {
		s.progress.left(demoPart, "not written to "+s.writeTo+", which is not on this machine; DEMO_WRITE=1 allows it")
		return nil
	}
	if err := s.openStory(); err != nil {
		return err
	}
	begun := time.Now()
	err := s.player.Backfill(ctx, func(done float64) { s.progress.working(demoPart, fmt.Sprintf("%.0f %%", 100*done)) })
	if err != nil {
		return err
	}
	s.progress.done(demoPart, fmt.Sprintf("%.0f h of metrics for 2 tenants, written in %.1f s", s.settings.History.Hours(), time.Since(begun).Seconds()))
	s.live()
	return nil
}

func (s *stack) openStory() error {
	client := vmimport.New(vmimport.Options{Endpoint: s.writeTo, Username: s.settings.Username, Password: s.settings.Password})
	s.onClose(demoPart, func(context.Context) error {
		client.Close()
		return nil
	})
	target := s.writeTo
	if len(s.settings.Given.Metrics) == 0 {
		target = "stand-in" // the same data whatever its port
	}
	player, err := demo.Open(demo.Options{
		File: s.storyFile(), Seed: s.settings.Seed, History: s.settings.History,
		Target: target, Writer: client, Now: time.Now, Log: s.log,
	})
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
