package launch

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/platformbuilds/mirador-core/devstack/internal/child"
	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/serviceconfig"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

// service is one of Mirador's own processes.
type service struct {
	name    string
	part    settings.Part
	metrics settings.Part
}

// services lists the processes in the order in which they start.
func services() []service {
	return []service{
		{"schema", settings.Schema, settings.SchemaMetrics},
		{"query", settings.Query, settings.QueryMetrics},
		{"logs", settings.Logs, settings.LogsMetrics},
		{"traces", settings.Traces, settings.TracesMetrics},
		{"gateway", settings.Gateway, settings.GatewayMetrics},
	}
}

func (s *stack) startServices(context.Context) error {
	common, keys, err := s.prepare()
	if err != nil {
		return err
	}
	for _, one := range services() {
		env := common
		if one.part == settings.Gateway {
			env = append(append([]string(nil), common...), keys...)
		}
		s.supervise(one, env)
	}
	s.owned("log files", s.boundLogs)
	return nil
}

// owned runs a goroutine until the stack closes.
func (s *stack) owned(name string, run func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { run(ctx) })
	s.onClose(name, func(context.Context) error {
		cancel()
		done.Wait()
		return nil
	})
}

// prepare writes the configuration and returns the environment of all
// services, and what the gateway has in addition.
func (s *stack) prepare() (common, gateway []string, err error) {
	private, keyFile, err := s.folder.Secret("identity.key", serviceconfig.KeySize)
	if err != nil {
		return nil, nil, err
	}
	public, err := serviceconfig.PublicKey(private)
	if err != nil {
		return nil, nil, err
	}
	text, err := serviceconfig.File(serviceconfig.Values{Ports: s.settings.Ports, NATS: s.nats, Valkey: s.valkey, Metrics: s.metrics,
		Logs: s.logs, Traces: s.traces, PublicKey: public, Limits: s.settings.Limits})
	if err != nil {
		return nil, nil, err
	}
	if err := s.folder.Write("config.yaml", text); err != nil {
		return nil, nil, err
	}
	common, err = s.environment()
	port := "PORT=" + strconv.Itoa(s.settings.Ports.Of(settings.Gateway))
	return common, []string{"IDENTITY_PRIVATE_KEY_FILE=" + keyFile, port}, err
}

// environment is the user's own, so that every other variable of a service
// works, without what the launcher has resolved into the file.
func (s *stack) environment() ([]string, error) {
	env := without(os.Environ(), "PORT", "CONFIG_PATH", "NATS_URL", "NATS_URLS", "VALKEY_CACHE_NODES", "VALLEY_CACHE_NODES",
		"VM_ENDPOINTS", "VL_ENDPOINTS", "VT_ENDPOINTS", "MIRADOR_URL", "IDENTITY_PRIVATE_KEY", "IDENTITY_PRIVATE_KEY_FILE",
		"IDENTITY_PUBLIC_KEYS", "QUERY_GRPC", "LOGS_GRPC", "TRACES_GRPC", "SCHEMA_GRPC")
	env = append(env, "CONFIG_PATH="+s.folder.Path("config.yaml"),
		"QUERY_GRPC="+s.settings.Ports.Addr(settings.Query), "SCHEMA_GRPC="+s.settings.Ports.Addr(settings.Schema),
		"LOGS_GRPC="+s.settings.Ports.Addr(settings.Logs), "TRACES_GRPC="+s.settings.Ports.Addr(settings.Traces))
	secret := s.settings.Secret
	if secret == "" {
		value, file, err := s.folder.Secret("jwt.secret", 48)
		if err != nil {
			return nil, err
		}
		secret = value
		env = append(env, "JWT_SECRET_FILE="+file)
	}
	tokens, err := serviceconfig.NewTokens(secret, nowUTC)
	s.tokens = tokens
	return env, err
}

func without(env []string, names ...string) []string {
	var kept []string
next:
	for _, pair := range env {
		for _, name := range names {
			if strings.HasPrefix(pair, name+"=") {
				continue next
			}
		}
		kept = append(kept, pair)
	}
	return kept
}

// supervise keeps one service running until the stack closes.
func (s *stack) supervise(one service, env []string) {
	s.owned(one.name, func(ctx context.Context) {
		_ = child.Run(ctx, child.Options{
			Name: one.name, Path: s.binary(one), Args: []string{"serve"}, Env: env,
			LogFile: s.logFile(one), Log: s.log, Started: func(pid int) { s.note(one.name, pid) },
		})
	})
}

func (s *stack) binary(one service) string {
	return fmt.Sprintf("%s%c%s", s.settings.Bin, os.PathSeparator, one.name)
}

func (s *stack) logFile(one service) string { return s.folder.Path("logs", one.name+".log") }

// note remembers a (re)started process, in the state and in the file for scripts.
func (s *stack) note(name string, pid int) {
	s.mu.Lock()
	s.processes[name] = runfolder.Self(name, pid)
	s.starts[name]++
	s.mu.Unlock()
	if err := s.save(context.Background()); err != nil {
		s.log.Error("state not written", "error", err)
	}
}
