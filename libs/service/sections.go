package service

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
)

// IdentityConfig holds the keys of the signed identity. Only the gateway has
// the private one.
type IdentityConfig struct {
	// PublicKeys verify; several while a key is rotated.
	PublicKeys []string `key:"public_keys" env:"IDENTITY_PUBLIC_KEYS" doc:"Ed25519 keys (base64) that verify identities between services"`
	// PrivateKey signs.
	PrivateKey string `key:"private_key" env:"IDENTITY_PRIVATE_KEY" secret:"true" doc:"Ed25519 key (base64) that signs identities; gateway only"`
}

// Validate wants keys that can be read.
func (c IdentityConfig) Validate() error {
	_, publicErr := c.Public()
	_, privateErr := c.Private()
	return errors.Join(publicErr, privateErr)
}

// Public returns the keys that verify: those given and the counterpart of the
// private key.
func (c IdentityConfig) Public() ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for _, text := range c.PublicKeys {
		key, err := identity.ParsePublicKey(text)
		if err != nil {
			return nil, fmt.Errorf("public_keys: %w", err)
		}
		keys = append(keys, key)
	}
	if private, err := c.Private(); err == nil && private != nil {
		keys = append(keys, private.Public().(ed25519.PublicKey))
	}
	return keys, nil
}

// Private returns the key that signs, nil when there is none.
func (c IdentityConfig) Private() (ed25519.PrivateKey, error) {
	if c.PrivateKey == "" {
		return nil, nil
	}
	return identity.ParsePrivateKey(c.PrivateKey)
}

// JWTConfig says how users' access tokens are signed.
type JWTConfig struct {
	// Secret of the signature; development has a default.
	Secret string `key:"secret" env:"JWT_SECRET" secret:"true" doc:"secret of access tokens, at least 32 bytes"`
	// Issuer and Audience that every token names.
	Issuer   string `key:"issuer" doc:"issuer of access tokens"`
	Audience string `key:"audience" doc:"audience of access tokens"`
	// Lifetime of a token.
	Lifetime time.Duration `key:"expiry_minutes" unit:"m" doc:"lifetime of an access token, in minutes"`
}

// Tokens returns what signs and verifies access tokens.
func (c JWTConfig) Tokens(now func() time.Time) (*identity.Tokens, error) {
	return identity.NewTokens(identity.TokenConfig{
		Secret: c.Secret, Issuer: c.Issuer, Audience: c.Audience, Lifetime: c.Lifetime}, now)
}

// check allows no secret at all: a service without one takes no user tokens.
func (c JWTConfig) check(production bool) error {
	if c.Secret == "" {
		return nil
	}
	if production && c.Secret == identity.DevelopmentSecret {
		return errors.New("auth.jwt.secret is the development default: set JWT_SECRET")
	}
	_, err := c.Tokens(time.Now)
	return err
}

// TenantConfig is one tenant.
type TenantConfig struct {
	// Name in identities.
	Name string `key:"name"`
	// ID is "<account>" or "<account>:<project>" in the back ends.
	ID string `key:"id"`
	// RequestsPerMinute of the tenant; 0 means the server's default.
	RequestsPerMinute int `key:"requests_per_minute"`
	// UserRequestsPerMinute of each user of the tenant; 0 means the default.
	UserRequestsPerMinute int `key:"user_requests_per_minute"`
}

// TenantTable returns the tenants by name.
func (c Config) TenantTable() (*identity.Tenants, error) {
	var list []identity.Tenant
	for _, t := range c.Tenants {
		list = append(list, identity.Tenant{Name: t.Name, ID: t.ID, RequestsPerMinute: t.RequestsPerMinute})
	}
	return identity.NewTenants(list)
}

// MonitoringConfig is the contract's monitoring section.
type MonitoringConfig struct {
	// Enabled and PrometheusEnabled together serve metrics at MetricsPath.
	Enabled           bool   `key:"enabled" doc:"serve metrics"`
	MetricsPath       string `key:"metrics_path" doc:"path of the metrics"`
	PrometheusEnabled bool   `key:"prometheus_enabled" doc:"serve metrics in Prometheus text form"`
	// TracingEnabled sends spans to OTLPEndpoint, or JaegerEndpoint when that
	// is empty.
	TracingEnabled bool   `key:"tracing_enabled" doc:"send traces"`
	JaegerEndpoint string `key:"jaeger_endpoint" doc:"OTLP gRPC address (host:4317) of a Jaeger collector"`
	OTLPEndpoint   string `key:"otlp_endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" doc:"OTLP gRPC address (host:4317) for traces"`
	// SampleRatio of traces that begin here.
	SampleRatio float64 `key:"sample_ratio" doc:"part of the traces beginning here that is kept, 0 to 1"`
}

func (c MonitoringConfig) endpoint() string { return cmp.Or(c.OTLPEndpoint, c.JaegerEndpoint) }

// DebugConfig is the debug section.
type DebugConfig struct {
	// Enabled serves pprof on the metrics listener.
	Enabled bool `key:"enabled" doc:"serve the profiler on the metrics address"`
}

// ShutdownConfig bounds the end of the process.
type ShutdownConfig struct {
	// Delay between being not ready and refusing calls.
	Delay time.Duration `key:"delay" unit:"s" doc:"time between being not ready and refusing calls, for load balancers"`
	// Timeout of calls under way.
	Timeout time.Duration `key:"timeout" unit:"s" doc:"time for calls under way"`
}
