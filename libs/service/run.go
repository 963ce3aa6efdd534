package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/platformbuilds/mirador-core/libs/config"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// serve runs the service: set up, wire, listen, wait, drain, close. Whatever
// was built is closed on every way out.
func (p Program[C]) serve(ctx context.Context, live *config.Live[C]) error {
	cfg := *live.Current()
	level := &slog.LevelVar{}
	lines := telemetry.NewLogBuffer(p.Stderr)
	defer func() { _ = lines.Close() }() // a log that fails has nowhere to say so
	pace := startPacer(cfg.Base().Memory)
	defer pace.stop()
	s := &Server{Name: p.Name, Build: p.Build, config: cfg.Base(), status: live.Status,
		Log: telemetry.NewLogger(lines, level, p.Name), Telemetry: telemetry.New(p.Name, p.Build.Version)}
	s.setLevel(level, cfg.Base())
	s.ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	s.drain, s.drained = context.WithCancel(s.ctx)
	err := s.setUp(ctx)
	if err == nil {
		err = unlessStopped(ctx, p.Wire(ctx, cfg, s))
	}
	if err == nil && ctx.Err() == nil {
		p.follow(live, s, level)
		err = s.listen()
	}
	if err == nil && ctx.Err() == nil {
		s.started()
		p.announce(s)
		err = s.wait(ctx)
	}
	err = errors.Join(err, s.shutDown())
	if err == nil {
		s.Log.Info("stopped")
		return nil
	}
	s.Log.Error("service failed", "error", err)
	return loggedError{err}
}

// unlessStopped drops the error of a wiring that was told to stop.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (p Program[C]) announce(s *Server) {
	if p.Started != nil {
		p.Started(s)
	}
}

func (s *Server) setLevel(level *slog.LevelVar, c Config) {
	// The name was validated with the configuration.
	l, _ := telemetry.ParseLevel(c.LogLevel)
	level.Set(l)
}

// follow applies reloads: the log level here, the rest where Wire asked for it.
// A change while Wire ran is seen too.
func (p Program[C]) follow(live *config.Live[C], s *Server, level *slog.LevelVar) {
	live.OnChange(func(c C) {
		s.setLevel(level, c.Base())
		for _, apply := range s.reloads {
			apply(c)
		}
	})
	s.Go("configuration", func(ctx context.Context) error {
		return live.Watch(ctx, s.reloaded)
	})
}

func (s *Server) reloaded(st config.Status) {
	s.Telemetry.ConfigReload(st.Err)
	switch {
	case st.Err != nil:
		s.Log.Error("configuration refused, the older one stays", "file", st.File, "error", st.Err)
	case len(st.Restart) > 0:
		s.Log.Warn("configuration reloaded, some keys need a restart", "changed", st.Changed, "needs_restart", st.Restart)
	default:
		s.Log.Info("configuration reloaded", "changed", st.Changed)
	}
}

// setUp builds what every service has, before its own parts.
func (s *Server) setUp(ctx context.Context) error {
	if err := s.openDebug(); err != nil {
		return err
	}
	var names []string
	for _, t := range s.config.Tenants {
		names = append(names, t.Name)
	}
	s.Telemetry.SetTenants(names)
	if err := s.traceOn(ctx); err != nil {
		return err
	}
	return s.makeGRPC()
}

func (s *Server) traceOn(ctx context.Context) error {
	m := s.config.Monitoring
	if !m.TracingEnabled {
		return nil
	}
	stop, err := s.Telemetry.Trace(ctx, telemetry.TraceOptions{Endpoint: m.endpoint(), Ratio: m.SampleRatio, Log: s.Log})
	if err != nil {
		return err
	}
	s.OnClose("tracing", stop)
	return nil
}

func (s *Server) makeGRPC() error {
	var err error
	if s.bearer, err = newBearer(s.config); err != nil {
		return err
	}
	keys, err := s.config.Identity.Public()
	if err != nil {
		return err
	}
	s.grpc, err = rpc.NewServer(rpc.ServerOptions{
		Log: s.Log, Telemetry: s.Telemetry, TLS: s.config.TLS, MaxStreams: s.config.MaxStreams,
		Identity: identity.NewVerifier(keys, time.Now), Bearer: s.bearer})
	if err != nil {
		return err
	}
	s.health = health.NewServer()
	grpc_health_v1.RegisterHealthServer(s.grpc, partHealth{s.health, &s.checks})
	if !s.config.Production() {
		reflection.Register(s.grpc)
	}
	return nil
}

// listen opens the gRPC listener, when asked for, and serves all that Wire
// opened.
func (s *Server) listen() error {
	if s.wantGRPC {
		if s.config.Production() && !s.config.TLS.Enabled() && !rpc.Loopback(s.config.Listen) {
			return usageError{errors.New("production serves gRPC beyond loopback only with tls.{cert_file,key_file,ca_file}")}
		}
		if err := s.Listen("grpc", s.config.Listen, s.grpc.Serve, s.stopGRPC); err != nil {
			return err
		}
	}
	for _, l := range s.listeners {
		s.Go(l.name, func(context.Context) error {
			if err := l.serve(l.lis); err != nil && s.state.Load() != draining {
				return fmt.Errorf("serve: %w", err)
			}
			return nil
		})
	}
	return nil
}

func (s *Server) started() {
	s.state.Store(serving)
	for _, l := range s.listeners {
		s.Log.Info("listening", "name", l.name, "address", l.lis.Addr().String())
	}
	s.Log.Info("started", "metrics", s.Addr("metrics"), "version", s.Build.Version, "commit", s.Build.Commit, "environment", s.config.Environment)
}

// wait blocks until the program is told to stop or an owned goroutine failed.
func (s *Server) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		s.Log.Info("stopping")
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}
