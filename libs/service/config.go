package service

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/config"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// Config is what every service has in common; a service embeds it. The key
// part {service} stands for the service's own name.
type Config struct {
	// Environment is development, staging, production or test.
	Environment string `key:"environment" env:"ENVIRONMENT,MIRADOR_ENV" doc:"development, staging, production or test"`
	// LogLevel is debug, info, warn, error or fatal.
	LogLevel string `key:"log_level" env:"LOG_LEVEL" reload:"true" doc:"debug, info, warn, error or fatal"`
	// Listen is the address of the gRPC server.
	Listen string `key:"{service}.listen" doc:"address of the service"`
	// MetricsListen is the address of /metrics, /livez and /readyz.
	MetricsListen string `key:"{service}.metrics_listen" doc:"address of metrics and health; empty means the port of listen plus 1000"`
	// MaxStreams per gRPC connection.
	MaxStreams uint32 `key:"{service}.max_streams" doc:"concurrent calls per gRPC connection; clients hold four"`
	// TLS between services.
	TLS rpc.TLS `key:"tls"`
	// Identity holds the keys of the signed identity between services.
	Identity IdentityConfig `key:"identity"`
	// JWT checks users' access tokens.
	JWT JWTConfig `key:"auth.jwt"`
	// AdminRole is one more role with every permission.
	AdminRole string `key:"auth.rbac.admin_role" doc:"role with every permission"`
	// Tenants that exist.
	Tenants []TenantConfig `key:"tenants" doc:"every tenant and its id in the back ends"`
	// Monitoring turns tracing on.
	Monitoring MonitoringConfig `key:"monitoring"`
	// Debug turns the profiler on.
	Debug DebugConfig `key:"debug"`
	// Memory sets the pace of garbage collection.
	Memory MemoryConfig `key:"memory"`
	// Shutdown bounds the end of the process.
	Shutdown ShutdownConfig `key:"shutdown"`
}

// Base returns the common part; embedding Config makes a struct Configured.
func (c Config) Base() Config { return c }

// Production tells whether the strict rules hold: everywhere but on a
// developer's machine and in tests.
func (c Config) Production() bool { return c.Environment != "development" && c.Environment != "test" }

// Defaults returns a runnable configuration that listens at an address.
func Defaults(listen string) Config {
	return Config{
		Environment: "development",
		LogLevel:    "info",
		Listen:      listen,
		MaxStreams:  100,
		JWT:         JWTConfig{Issuer: "mirador-core", Audience: "mirador-api", Lifetime: 15 * time.Minute},
		AdminRole:   "mirador-admin",
		Monitoring:  MonitoringConfig{Enabled: true, MetricsPath: "/metrics", PrometheusEnabled: true, SampleRatio: 1},
		Memory:      MemoryConfig{HeapFloor: 48},
		Shutdown:    ShutdownConfig{Timeout: 30 * time.Second},
	}
}

// Complete derives what was left empty. A service that has a Complete of its
// own calls this one in it.
func (c *Config) Complete() {
	if c.JWT.Secret == "" && !c.Production() {
		c.JWT.Secret = identity.DevelopmentSecret
	}
	if c.MetricsListen == "" {
		c.MetricsListen = metricsAddress(c.Listen)
	}
}

const metricsOffset = 1000

// metricsAddress is empty for an address that Validate refuses anyway.
func metricsAddress(listen string) string {
	host, text, err := net.SplitHostPort(listen)
	port, numErr := strconv.Atoi(text)
	switch {
	case err != nil || numErr != nil:
		return ""
	case port == 0:
		return net.JoinHostPort(host, "0")
	}
	return net.JoinHostPort(host, strconv.Itoa(port+metricsOffset))
}

// Validate checks the common part.
func (c Config) Validate() error {
	var faults []error
	if !slices.Contains(config.Environments(), c.Environment) {
		faults = append(faults, fmt.Errorf("environment %q is not one of %v", c.Environment, config.Environments()))
	}
	_, err := telemetry.ParseLevel(c.LogLevel)
	faults = append(faults, err, address("listen", c.Listen), address("metrics_listen", c.MetricsListen))
	_, err = c.TenantTable()
	faults = append(faults, err, c.JWT.check(c.Production()))
	if c.Monitoring.TracingEnabled && c.Monitoring.endpoint() == "" {
		faults = append(faults, errors.New("monitoring.tracing_enabled needs monitoring.otlp_endpoint or monitoring.jaeger_endpoint"))
	}
	if c.Memory.HeapFloor < 0 {
		faults = append(faults, errors.New("memory.heap_floor_mb must not be negative"))
	}
	if c.Shutdown.Timeout <= 0 {
		faults = append(faults, errors.New("shutdown.timeout must be positive"))
	}
	return errors.Join(faults...)
}

func address(key, value string) error {
	_, text, err := net.SplitHostPort(value)
	if port, numErr := strconv.Atoi(text); err != nil || numErr != nil || port < 0 || port > 65535 {
		return fmt.Errorf("%s %q is not host:port with a port of 0 to 65535", key, value)
	}
	return nil
}
