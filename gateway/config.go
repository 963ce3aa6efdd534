package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/gateway/internal/edge"
	"github.com/platformbuilds/mirador-core/gateway/internal/limit"
	"github.com/platformbuilds/mirador-core/gateway/internal/live"
	"github.com/platformbuilds/mirador-core/gateway/internal/login"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
)

// Config of the gateway.
type Config struct {
	service.Config
	// Port of the API; it replaces the port of gateway.listen.
	Port int `key:"port" env:"PORT" doc:"port of the API; replaces the port of gateway.listen"`
	// HTTP bounds what one client may ask.
	HTTP edge.HTTPConfig `key:"http"`
	// CORS admits pages of other origins.
	CORS edge.CORSConfig `key:"cors"`
	// Auth turns credentials into identities.
	Auth login.Config `key:"auth"`
	// TenantLimits are the tenants with what only the gateway reads of them.
	TenantLimits []account.TenantConfig `key:"tenants" doc:"every tenant, its id in the back ends and its limits"`
	// Live bounds WebSockets and server-sent events.
	Live live.Config `key:"websocket"`
	// Limits of requests.
	Limits limit.Config `key:"limits"`
	// Cache is the connection to Valkey.
	Cache cache.Config `key:"cache"`
	// NATS carries revocations and definition epochs.
	NATS events.Config `key:"nats"`
	// ResultCache bounds the bodies remembered in this process.
	ResultCache ResultCacheConfig `key:"gateway.result_cache"`
	// Uploads bounds CSV files of definitions.
	Uploads service.UploadsConfig `key:"uploads"`
	// Query, Logs, Traces and Schema are the services behind.
	Query  QueryConfig  `key:"query"`
	Logs   LogsConfig   `key:"logs"`
	Traces TracesConfig `key:"traces"`
	Schema SchemaConfig `key:"schema"`
	// OpenAPIPath replaces the embedded OpenAPI document.
	OpenAPIPath string `key:"gateway.openapi_path" env:"MIRADOR_OPENAPI_PATH" doc:"file that replaces the embedded OpenAPI document"`
}

// ResultCacheConfig bounds the first level of the result cache.
type ResultCacheConfig struct {
	// MaxBytes of all bodies.
	MaxBytes int64 `key:"max_bytes" doc:"most bytes of remembered answers"`
}

// QueryConfig says where the query service is.
type QueryConfig struct {
	// Endpoint as host:port; a name with several addresses is balanced.
	Endpoint string `key:"endpoint" env:"QUERY_GRPC" doc:"query service as host:port"`
}

// LogsConfig says where the logs service is.
type LogsConfig struct {
	// Endpoint as host:port; a name with several addresses is balanced.
	Endpoint string `key:"endpoint" env:"LOGS_GRPC" doc:"logs service as host:port"`
}

// TracesConfig says where the traces service is.
type TracesConfig struct {
	// Endpoint as host:port; a name with several addresses is balanced.
	Endpoint string `key:"endpoint" env:"TRACES_GRPC" doc:"traces service as host:port"`
}

// SchemaConfig says where the schema service is.
type SchemaConfig struct {
	// Endpoint as host:port; a name with several addresses is balanced.
	Endpoint string `key:"endpoint" env:"SCHEMA_GRPC" doc:"schema service as host:port"`
}

// defaults returns a full, runnable configuration on loopback.
func defaults() Config {
	const port = 8080
	c := Config{
		Config: service.Defaults(net.JoinHostPort("127.0.0.1", strconv.Itoa(port))), Port: port,
		HTTP: edge.HTTPDefaults(), CORS: edge.CORSDefaults(), Auth: login.Defaults(), Limits: limit.Defaults(), Live: live.Defaults(),
		Cache: cache.Defaults(), NATS: events.Defaults(), ResultCache: ResultCacheConfig{MaxBytes: 64 << 20},
		Uploads: service.UploadsDefaults(),
		Query:   QueryConfig{Endpoint: "127.0.0.1:9101"}, Logs: LogsConfig{Endpoint: "127.0.0.1:9102"},
		Traces: TracesConfig{Endpoint: "127.0.0.1:9103"}, Schema: SchemaConfig{Endpoint: "127.0.0.1:9104"},
	}
	return c
}

// Complete puts the contract's port into the address.
func (c *Config) Complete() {
	if host, _, err := net.SplitHostPort(c.Listen); err == nil {
		c.Listen = net.JoinHostPort(host, strconv.Itoa(c.Port))
	}
	c.Config.Complete()
}

// Validate checks what no section can check alone.
func (c Config) Validate() error {
	faults := []error{c.Auth.ValidateFor(c.Environment)}
	if c.Port < 0 || c.Port > 65535 {
		faults = append(faults, fmt.Errorf("port %d is not one of 0 to 65535", c.Port))
	}
	for name, endpoint := range map[string]string{"query.endpoint": c.Query.Endpoint, "logs.endpoint": c.Logs.Endpoint,
		"traces.endpoint": c.Traces.Endpoint, "schema.endpoint": c.Schema.Endpoint} {
		if _, _, err := net.SplitHostPort(endpoint); err != nil {
			faults = append(faults, fmt.Errorf("%s %q is not host:port", name, endpoint))
		}
	}
	if c.Production() && c.CORS.Open() {
		faults = append(faults, errors.New(`cors.allowed_origins: "*" is for development only`))
	}
	return errors.Join(faults...)
}
