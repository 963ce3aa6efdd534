package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/query/internal/cost"
	"github.com/platformbuilds/mirador-core/services/query/internal/victoriametrics"
)

// Config of the query service.
type Config struct {
	service.Config
	// Metrics is the back end that holds the series.
	Metrics MetricsConfig `key:"database.victoria_metrics"`
	// Cache is the connection to Valkey; its TTL is that of answers about the
	// past.
	Cache cache.Config `key:"cache"`
	// NATS carries definition epochs.
	NATS events.Config `key:"nats"`
	// SchemaEndpoint of the schema service, host:port.
	SchemaEndpoint string `key:"schema.endpoint" env:"SCHEMA_GRPC" doc:"schema service as host:port"`
	// Query holds the limits of queries.
	Query QueryConfig `key:"query"`
}

// MetricsConfig says where the back end is and how it keeps tenants apart.
type MetricsConfig struct {
	// Endpoints are base URLs.
	Endpoints []string `key:"endpoints" env:"VM_ENDPOINTS" doc:"base URLs of VictoriaMetrics: single nodes, or vmselect of a cluster"`
	// Password for the username.
	Password string `key:"password" env:"VM_PASSWORD" secret:"true" doc:"password at the back end"`
	// Mode is auto, cluster or single.
	Mode string `key:"mode" doc:"how the back end keeps tenants apart: auto, cluster or single"`
	// SingleTenant owns a single node alone.
	SingleTenant string `key:"single_tenant" env:"VM_SINGLE_TENANT" doc:"the one tenant that owns all of a single node; every other tenant is refused"`
	// DenyPartial refuses answers of a cluster that lacks storage nodes.
	DenyPartial bool `key:"deny_partial" doc:"refuse answers while storage nodes of a cluster are away, instead of isPartial"`
	upstream.Options
}

func (c MetricsConfig) client() victoriametrics.Options {
	return victoriametrics.Options{Mode: victoriametrics.Mode(c.Mode), SingleTenant: c.SingleTenant, DenyPartial: c.DenyPartial}
}

func (c MetricsConfig) pool() upstream.Config {
	return upstream.Config{Name: "metrics", Endpoints: c.Endpoints, Password: c.Password, Options: c.Options}
}

// Validate names every fault at once.
func (c MetricsConfig) Validate() error {
	return errors.Join(c.client().Validate(), c.pool().Validate())
}

// QueryConfig holds the limits of queries.
type QueryConfig struct {
	// Endpoint is for those who call this service.
	Endpoint string `key:"endpoint" doc:"query service as host:port, for those who call it"`
	// Timeout is the longest time for one query.
	Timeout time.Duration `key:"timeout" unit:"s" doc:"longest time for one query; a client may ask for less"`
	// CacheEntry bounds one cached answer.
	CacheEntry int `key:"cache_entry_bytes" doc:"largest answer that is cached"`
	// CheapAnswer is the time below which making an answer again costs less than
	// keeping it in the shared cache; 0 keeps every answer there.
	CheapAnswer time.Duration `key:"cheap_answer" doc:"answers made within this time are not kept in the shared cache; 0 keeps every one"`
	// Limits of every tenant.
	Limits LimitConfig `key:"limits"`
	// TenantLimits replace those of single tenants.
	TenantLimits []TenantLimits `key:"tenant_limits" doc:"limits of single tenants; 0 means the common one"`
}

// LimitConfig is what one tenant may ask for.
type LimitConfig struct {
	MaxPoints     int           `key:"max_points" doc:"points of each series in an answer"`
	MaxRange      time.Duration `key:"max_range" unit:"h" doc:"longest range of a query or listing"`
	MaxQueryBytes int           `key:"max_query_bytes" doc:"longest text of a query"`
	MaxSeries     int           `key:"max_series" doc:"series, or entries of a list, in an answer"`
	MaxConcurrent int           `key:"max_concurrent" doc:"queries of one tenant that ask the back end at one time"`
}

// Validate names every fault at once.
func (c LimitConfig) Validate() error {
	if c.MaxPoints < 0 || c.MaxRange < 0 || c.MaxQueryBytes < 0 || c.MaxSeries < 0 || c.MaxConcurrent < 0 {
		return errors.New("limits must not be negative")
	}
	return nil
}

// TenantLimits are the limits of one tenant.
type TenantLimits struct {
	// Tenant name.
	Tenant string `key:"tenant" doc:"name of the tenant"`
	LimitConfig
}

// Validate checks what no section can check alone.
func (c QueryConfig) Validate() error {
	var faults []error
	if c.Timeout <= 0 {
		faults = append(faults, errors.New("timeout: must be positive"))
	}
	if c.CacheEntry <= 0 {
		faults = append(faults, errors.New("cache_entry_bytes: must be positive"))
	}
	if c.CheapAnswer < 0 {
		faults = append(faults, errors.New("cheap_answer: must not be negative"))
	}
	seen := map[string]bool{}
	for _, t := range c.TenantLimits {
		if t.Tenant == "" || seen[t.Tenant] {
			faults = append(faults, fmt.Errorf("tenant_limits: %q is empty or listed twice", t.Tenant))
		}
		seen[t.Tenant] = true
	}
	return errors.Join(faults...)
}

// defaults returns a full, runnable configuration on loopback.
func defaults() Config {
	return Config{
		Config: service.Defaults("127.0.0.1:9101"),
		Metrics: MetricsConfig{
			Endpoints: []string{"http://localhost:8481"}, Mode: string(victoriametrics.Auto), Options: upstream.DefaultOptions()},
		Cache:          cache.Defaults(),
		NATS:           events.Defaults(),
		SchemaEndpoint: "127.0.0.1:9104",
		Query: QueryConfig{
			Endpoint: "127.0.0.1:9101", Timeout: 30 * time.Second, CacheEntry: 4 << 20, CheapAnswer: 10 * time.Millisecond,
			Limits: LimitConfig{MaxPoints: 11_000, MaxRange: 2 * 366 * 24 * time.Hour, MaxQueryBytes: 16 << 10,
				MaxSeries: 100_000, MaxConcurrent: 128},
		},
	}
}

// limits of a tenant: its own where it has any.
func (c Config) limits() func(tenant string) cost.Limits {
	common := c.Query.Limits
	own := map[string]cost.Limits{}
	for _, t := range c.Query.TenantLimits {
		own[t.Tenant] = t.over(common).limits()
	}
	return func(tenant string) cost.Limits {
		if l, ok := own[tenant]; ok {
			return l
		}
		return common.limits()
	}
}

func (c LimitConfig) limits() cost.Limits {
	return cost.Limits{Points: c.MaxPoints, Range: c.MaxRange, Text: c.MaxQueryBytes, Series: c.MaxSeries, Concurrent: c.MaxConcurrent}
}

// over fills what is 0 from the common limits.
func (c LimitConfig) over(common LimitConfig) LimitConfig {
	return LimitConfig{
		MaxPoints: cmp.Or(c.MaxPoints, common.MaxPoints), MaxRange: cmp.Or(c.MaxRange, common.MaxRange),
		MaxQueryBytes: cmp.Or(c.MaxQueryBytes, common.MaxQueryBytes), MaxSeries: cmp.Or(c.MaxSeries, common.MaxSeries),
		MaxConcurrent: cmp.Or(c.MaxConcurrent, common.MaxConcurrent),
	}
}
