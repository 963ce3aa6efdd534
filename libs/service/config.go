package service

import (
	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// Config is what every service has in common; a service embeds it. The key
// part {service} stands for the service's own name.
type Config struct {
	// Environment is development, staging, production or test.
	Environment string `key:"environment" env:"ENVIRONMENT,MIRADOR_ENV" doc:"development, staging, production or test"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `key:"log_level" env:"LOG_LEVEL" reload:"true" doc:"debug, info, warn, error or fatal"`
	// Listen is the address of the gRPC server.
	Listen string `key:"{service}.listen" doc:"address of the service"`
	// MetricsListen is the address of /metrics, /livez and /readyz.
	MetricsListen string `key:"{service}.metrics_listen" doc:"address of metrics and health; empty: the port of listen plus 1000"`
	// TLS between services.
	TLS rpc.TLS `key:"tls"`
	// Identity holds the keys of the signed identity between services.
	Identity IdentityConfig `key:"identity"`
	// Monitoring turns tracing on.
	Monitoring MonitoringConfig `key:"monitoring"`
	// Debug turns the profiler on.
	Debug DebugConfig `key:"debug"`
}

// IdentityConfig holds the keys of the signed identity. Only the gateway has
// the private one.
type IdentityConfig struct {
	// PublicKey verifies, PEM or base64.
	PublicKey string `key:"public_key" env:"IDENTITY_PUBLIC_KEY" doc:"Ed25519 key that verifies identities between services"`
	// PrivateKey signs, PEM or base64.
	PrivateKey string `key:"private_key" env:"IDENTITY_PRIVATE_KEY" secret:"true" doc:"Ed25519 key that signs identities (gateway only)"`
}

// MonitoringConfig is the contract's monitoring section.
type MonitoringConfig struct {
	// Enabled serves metrics at MetricsPath when PrometheusEnabled.
	Enabled           bool   `key:"enabled" doc:"serve metrics"`
	MetricsPath       string `key:"metrics_path" doc:"path of the metrics"`
	PrometheusEnabled bool   `key:"prometheus_enabled" doc:"serve metrics in Prometheus text form"`
	// TracingEnabled sends spans to OTLPEndpoint, or JaegerEndpoint when that is empty.
	TracingEnabled bool   `key:"tracing_enabled" doc:"send traces"`
	JaegerEndpoint string `key:"jaeger_endpoint" doc:"OTLP gRPC address of a Jaeger collector"`
	OTLPEndpoint   string `key:"otlp_endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" doc:"OTLP gRPC address for traces"`
}

// DebugConfig is the debug section.
type DebugConfig struct {
	// Enabled serves pprof on the metrics listener.
	Enabled bool `key:"enabled" doc:"serve the profiler on the metrics address"`
}

// Base returns the common part; embedding Config makes a struct Configured.
func (c Config) Base() Config { return c }

// Production tells whether the strict rules of production hold.
func (c Config) Production() bool { return c.Environment == "production" || c.Environment == "staging" }

// Defaults returns a runnable configuration on loopback.
func Defaults(listen string) Config {
	return Config{
		Environment: "development",
		LogLevel:    "info",
		Listen:      listen,
		Monitoring:  MonitoringConfig{Enabled: true, MetricsPath: "/metrics", PrometheusEnabled: true},
	}
}
